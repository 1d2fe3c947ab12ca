# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""A page as the parser takes it, compiled: in UTF-8, and surely within the bounds of ``guard``."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND
from libc.string cimport memchr

cdef extern from "Python.h":
    ctypedef unsigned short Py_UCS2


def octets(str html not None):
    """Write a text in UTF-8, lone surrogates left out: quicker where most of it is ASCII."""
    cdef Py_ssize_t size = len(html), at = 0, to = 0, stop
    cdef bytes given
    cdef const Py_UCS2* wide
    cdef unsigned char* out
    cdef Py_UCS2 char
    if PyUnicode_KIND(html) != 2:
        return html.encode("utf-8", "ignore")
    wide = <const Py_UCS2*>PyUnicode_DATA(html)
    given = PyBytes_FromStringAndSize(NULL, 3 * size)
    out = <unsigned char*>PyBytes_AS_STRING(given)
    while at < size:
        while at + 16 <= size and is_ascii(wide + at):
            for stop in range(16):
                out[to + stop] = <unsigned char>wide[at + stop]
            at += 16
            to += 16
        stop = min(size, at + 16)
        while at < stop:
            char = wide[at]
            at += 1
            if char < 0x80:
                out[to] = <unsigned char>char
                to += 1
            elif char < 0x800:
                out[to] = 0xC0 | char >> 6
                out[to + 1] = 0x80 | char & 0x3F
                to += 2
            elif 0xD800 <= char < 0xE000:
                return html.encode("utf-8", "ignore")
            else:
                out[to] = 0xE0 | char >> 12
                out[to + 1] = 0x80 | char >> 6 & 0x3F
                out[to + 2] = 0x80 | char & 0x3F
                to += 3
    return given[:to]


cdef inline bint is_ascii(const Py_UCS2* wide) noexcept:
    """Tell whether sixteen characters are ASCII."""
    cdef Py_UCS2 all_bits = 0
    cdef int step
    for step in range(16):
        all_bits |= wide[step]
    return all_bits < 0x80


def within(bytes html not None, Py_ssize_t most, Py_ssize_t few, Py_ssize_t deepest):
    """Tell whether a page is surely within the bounds of ``guard``.

    No tag has more than ``most`` attributes, and there are no more than ``few`` tags or no more
    than ``deepest`` elements open at any place.
    """
    cdef const unsigned char* data = <const unsigned char*>html
    cdef const unsigned char* following
    cdef Py_ssize_t size = len(html), at = 0, end, tags = 0, open_ones = 0, reach = 2 * most + 2
    cdef Py_ssize_t left = size  # of what is read of long tags: those in one another are not
    cdef unsigned char char, some
    # In steps of a tag that is too long: only where no other "<" is so near is it looked at.
    while size - at >= reach:
        end = at + reach - 1
        while end > at and data[end] != c"<":
            end -= 1
        if end > at:
            at = end
            continue
        if data[at] == c"<" and c"a" <= data[at + 1] | 0x20 <= c"z":
            left -= tag_length(data + at, min(left, size - at), most)
            if left <= 0:
                return False
        following = <const unsigned char*>memchr(data + at + reach, c"<", size - at - reach)
        if following == NULL:
            break
        at = following - data
    at = 0
    while at < size:
        end = min(size, at + 255)  # counted in octets, sixteen at once
        some = 0
        while at < end:
            some += data[at] == c"<"
            at += 1
        tags += some
    if tags <= few:
        return True
    for at in range(size - 1):
        if data[at] == c"<":
            char = data[at + 1]
            if char == c"/":
                open_ones -= 1
            elif c"a" <= char | 0x20 <= c"z":
                open_ones += 1
                if open_ones > deepest:
                    return False
    return True


cdef Py_ssize_t tag_length(const unsigned char* tag, Py_ssize_t size, Py_ssize_t most) noexcept:
    """Count a tag's octets; ``size`` where it may have more than ``most`` attributes."""
    cdef unsigned char char, quote = 0, last = 0
    cdef Py_ssize_t at, parts = 0
    for at in range(size):
        char = tag[at]
        if quote:
            if char == quote:
                quote = 0
                parts += 1
        elif char == c">":
            return at
        elif last == c"=" and (char == c'"' or char == c"'"):
            quote = char
        elif char == c"/" or char <= 0x20:
            parts += 1
            if char != c"/" and last == c"=":
                continue  # a value may stand behind spaces
        last = char
        if parts > most:
            return size
    return size

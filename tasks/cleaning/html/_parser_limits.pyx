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
    cdef bytes encoded
    cdef const Py_UCS2* wide
    cdef unsigned char* out
    cdef Py_UCS2 char
    if PyUnicode_KIND(html) != 2:
        return html.encode("utf-8", "ignore")
    wide = <const Py_UCS2*>PyUnicode_DATA(html)
    encoded = PyBytes_FromStringAndSize(NULL, 3 * size)
    out = <unsigned char*>PyBytes_AS_STRING(encoded)
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
    return encoded[:to]


cdef inline bint is_ascii(const Py_UCS2* wide) noexcept:
    """Tell whether sixteen characters are ASCII."""
    cdef Py_UCS2 all_bits = 0
    cdef int step
    for step in range(16):
        all_bits |= wide[step]
    return all_bits < 0x80


def within(
    bytes html not None, Py_ssize_t max_attributes, Py_ssize_t few_tags, Py_ssize_t max_depth
):
    """Tell whether a page is surely within the bounds of ``guard``.

    No tag has more than ``max_attributes`` attributes, and there are no more than ``few_tags`` tags
    or no more
    than ``max_depth`` elements open at any place.
    """
    cdef const unsigned char* data = <const unsigned char*>html
    cdef Py_ssize_t size = len(html), at = 0, end, tags = 0, open_ones = 0
    cdef unsigned char char, some
    if size > 2 * max_attributes and not few_attributes(data, size, max_attributes):
        return False
    at = 0
    while at < size:
        end = min(size, at + 255)  # counted in octets, sixteen at once
        some = 0
        while at < end:
            some += data[at] == c"<"
            at += 1
        tags += some
    if tags <= few_tags:
        return True
    for at in range(size - 1):
        if data[at] == c"<":
            char = data[at + 1]
            if char == c"/":
                open_ones -= 1
            elif c"a" <= char | 0x20 <= c"z":
                open_ones += 1
                if open_ones > max_depth:
                    return False
    return True


def bounds_attributes(bytes html not None, Py_ssize_t max_attributes):
    """Tell whether no tag of a page surely has more than ``max_attributes`` attributes."""
    return few_attributes(<const unsigned char*>html, len(html), max_attributes)


cdef bint few_attributes(
    const unsigned char* data, Py_ssize_t size, Py_ssize_t max_attributes
) noexcept:
    """Tell whether no tag has more than ``max_attributes`` attributes, wherever it may begin.

    Every "<" before a letter may begin a tag, for a script or a value has such, too. All tags
    that may be open are read at once: two that are in the same state go on alike, so that one
    count for each state is enough. -1: none is in it.
    """
    cdef Py_ssize_t at = 0, outside = -1, behind_equals = -1, double = -1, single = -1
    cdef unsigned char char
    cdef const unsigned char* following
    while at < size - 1:
        if outside < 0 and behind_equals < 0 and double < 0 and single < 0:
            following = <const unsigned char*>memchr(data + at, c"<", size - at)
            if following == NULL:
                return True
            at = following - data
        char = data[at]
        at += 1
        if char == c'"':
            outside, double = max(outside, double + 1 if double >= 0 else -1), behind_equals
            behind_equals = -1
        elif char == c"'":
            outside, single = max(outside, single + 1 if single >= 0 else -1), behind_equals
            behind_equals = -1
        elif char == c">":
            outside = behind_equals = -1
        elif char == c"=":
            behind_equals = max(outside, behind_equals)
            outside = -1
        elif char == c"/" or char <= 0x20:
            if outside >= 0:
                outside += 1
            if behind_equals >= 0:
                behind_equals += 1
                if char == c"/":
                    outside = max(outside, behind_equals)
                    behind_equals = -1
        else:
            if behind_equals >= 0:
                outside = max(outside, behind_equals)
                behind_equals = -1
            if char == c"<" and at < size and c"a" <= data[at] | 0x20 <= c"z" and outside < 0:
                outside = 0
        if outside > max_attributes or behind_equals > max_attributes:
            return False
    return True

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""A page as the parser takes it, compiled: in UTF-8, and surely within the bounds of ``guard``."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.bytes cimport _PyBytes_Resize
from cpython.ref cimport Py_DECREF, PyObject
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND
from libc.string cimport memchr

cdef extern from "Python.h":
    ctypedef unsigned short Py_UCS2
    PyObject* new_bytes "PyBytes_FromStringAndSize"(const char*, Py_ssize_t) except NULL
    char* bytes_data "PyBytes_AS_STRING"(PyObject*)

cdef enum:
    STRIDE = 64  # characters that are looked at at once
# What an octet is to a tag: most are of its words.
cdef enum:
    WORD, QUOTE, PARTING, EQUALS, START, END
cdef unsigned char[256] MEANING


cdef void prepare() noexcept:
    cdef int code
    for code in range(256):
        MEANING[code] = PARTING if code <= 0x20 or code == c"/" else WORD
    MEANING[c'"'] = MEANING[c"'"] = QUOTE
    MEANING[c"="], MEANING[c"<"], MEANING[c">"] = EQUALS, START, END


prepare()


ctypedef unsigned int Code
ctypedef fused Wide:
    Py_UCS2
    Code


def octets(str html not None):
    """Write a text in UTF-8, lone surrogates left out: quicker where most of it is ASCII."""
    cdef Py_ssize_t size = len(html), to
    cdef int kind = PyUnicode_KIND(html)
    cdef PyObject* encoded
    cdef bytes finished
    cdef unsigned char* out
    if kind == 1:
        return html.encode("utf-8", "ignore")
    encoded = new_bytes(NULL, (3 if kind == 2 else 4) * size)
    out = <unsigned char*>bytes_data(encoded)
    if kind == 2:
        to = write_utf8(<const Py_UCS2*>PyUnicode_DATA(html), size, out)
    else:
        to = write_utf8(<const Code*>PyUnicode_DATA(html), size, out)
    if to < 0:
        Py_DECREF(<object>encoded)
        return html.encode("utf-8", "ignore")
    _PyBytes_Resize(&encoded, to)
    finished = <bytes>encoded
    Py_DECREF(finished)
    return finished


cdef Py_ssize_t write_utf8(const Wide* wide, Py_ssize_t size, unsigned char* out) noexcept:
    """Write characters; give the number of octets, or -1 if one is half of a pair."""
    cdef Py_ssize_t at = 0, to = 0, stop
    cdef unsigned int char
    while at < size:
        while at + STRIDE <= size and is_ascii(wide + at):
            for stop in range(STRIDE):
                out[to + stop] = <unsigned char>wide[at + stop]
            at += STRIDE
            to += STRIDE
        stop = min(size, at + STRIDE)
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
                return -1
            elif char < 0x10000:
                out[to] = 0xE0 | char >> 12
                out[to + 1] = 0x80 | char >> 6 & 0x3F
                out[to + 2] = 0x80 | char & 0x3F
                to += 3
            else:
                out[to] = 0xF0 | char >> 18
                out[to + 1] = 0x80 | char >> 12 & 0x3F
                out[to + 2] = 0x80 | char >> 6 & 0x3F
                out[to + 3] = 0x80 | char & 0x3F
                to += 4
    return to


cdef inline bint is_ascii(const Wide* wide) noexcept:
    """Tell whether the next characters are ASCII."""
    cdef Wide all_bits = 0
    cdef int step
    for step in range(STRIDE):
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
    cdef Py_ssize_t next_double = -1, next_single = -1  # where the next quotation mark stands
    cdef unsigned char char, meaning
    cdef const unsigned char* following
    while at < size - 1:
        if behind_equals < 0 and double < 0 and single < 0:
            if outside < 0:
                following = <const unsigned char*>memchr(data + at, c"<", size - at)
                if following == NULL:
                    return True
                at = following - data
            else:  # within a tag, as most are: only what parts words counts
                while at < size - 1:
                    meaning = MEANING[data[at]]
                    if meaning == PARTING:
                        outside += 1
                        if outside > max_attributes:
                            return False
                    elif meaning == EQUALS or meaning == END:
                        break
                    at += 1
                else:
                    return True
        elif outside < 0 and behind_equals < 0 and (double < 0 or single < 0):
            # Within a value: until it ends, or something in it may begin a tag.
            if double >= 0:
                if next_double < at:
                    next_double = find(data, at, size, c'"')
                at = first_tag(data, at, min(next_double, size - 1))
            else:
                if next_single < at:
                    next_single = find(data, at, size, c"'")
                at = first_tag(data, at, min(next_single, size - 1))
            if at >= size - 1:
                return True
        char = data[at]
        meaning = MEANING[char]
        at += 1
        if meaning == WORD and behind_equals < 0:
            continue
        if char == c'"':
            outside, double = max(outside, double + 1 if double >= 0 else -1), behind_equals
            behind_equals = -1
        elif char == c"'":
            outside, single = max(outside, single + 1 if single >= 0 else -1), behind_equals
            behind_equals = -1
        elif meaning == END:
            outside = behind_equals = -1
        elif meaning == EQUALS:
            behind_equals = max(outside, behind_equals)
            outside = -1
        elif meaning == PARTING:
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
            if meaning == START and at < size and c"a" <= data[at] | 0x20 <= c"z" and outside < 0:
                outside = 0
        if outside > max_attributes or behind_equals > max_attributes:
            return False
    return True


cdef Py_ssize_t find(
    const unsigned char* data, Py_ssize_t at, Py_ssize_t size, unsigned char char
) noexcept:
    """Give the place of the next such octet, or the size."""
    cdef const unsigned char* following
    following = <const unsigned char*>memchr(data + at, char, size - at)
    return size if following == NULL else following - data


cdef Py_ssize_t first_tag(const unsigned char* data, Py_ssize_t at, Py_ssize_t end) noexcept:
    """Give the first place that may begin a tag, or the end."""
    cdef const unsigned char* following
    while at < end:
        following = <const unsigned char*>memchr(data + at, c"<", end - at)
        if following == NULL:
            return end
        at = following - data
        if c"a" <= data[at + 1] | 0x20 <= c"z":
            return at
        at += 1
    return end

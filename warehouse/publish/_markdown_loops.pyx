# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Patches of Markdown in one pass; stand for the macro ``markdown_patch`` with equal results."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcmp, memcpy

cdef enum:
    SPACE = 0x20
    LINE = 0x0A
    # the last bytes of U+E001 to U+E004, as in compact.sql
    BREAK = 0x81
    JOINED = 0x82
    WHOLE = 0x83
    EMPTY = 0x84


cdef inline Py_ssize_t sign(uint8_t* out, Py_ssize_t end, uint8_t last) noexcept nogil:
    out[end] = 0xEE
    out[end + 1] = 0x80
    out[end + 2] = last
    return end + 3


cdef inline bint is_break(const uint8_t* text, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """Whether two spaces at the end of a line begin here."""
    return (
        at + 2 < size and text[at] == SPACE and text[at + 1] == SPACE and text[at + 2] == LINE
    )


cdef inline int space(const uint8_t* text, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """What a space is: 0 for one that parts words, or the last byte of the sign for it."""
    cdef uint8_t before = text[at - 1] if at else 0
    if is_break(text, at, size):
        return BREAK
    if before == b"#" or before == b">":
        return JOINED
    if (
        before == b"-" and at + 1 < size and text[at + 1] == SPACE
        and not is_break(text, at + 1, size)
    ):
        return JOINED
    return 0


cdef bint pairs(
    const uint8_t* text, Py_ssize_t length, const uint8_t* markdown, Py_ssize_t size
) noexcept nogil:
    """Whether the words pair, and no character of the Markdown stands for another one."""
    cdef Py_ssize_t at, words = 0
    cdef int kind
    cdef uint8_t last
    for at in range(length):
        words += text[at] == SPACE
    at = 0
    while at < size:
        if markdown[at] == SPACE:
            kind = space(markdown, at, size)
            words -= kind == 0
            at += kind == BREAK  # of two spaces
        elif markdown[at] == 0xEE and at + 2 < size and markdown[at + 1] == 0x80:
            last = markdown[at + 2]
            if last == BREAK or last == JOINED or last == EMPTY or (last == WHOLE and not at):
                return False
        at += 1
    return words == 0


cdef Py_ssize_t patch(
    const uint8_t* text, Py_ssize_t length, const uint8_t* markdown, Py_ssize_t size, uint8_t* out
) noexcept nogil:
    """Write a patch of at most ``3 * size + 3`` bytes; return its length."""
    cdef Py_ssize_t at = 0, end = 0, word = 0, begin = 0, stop
    cdef int kind
    if not pairs(text, length, markdown, size):
        end = sign(out, 0, WHOLE)
        memcpy(out + end, markdown, size)
        return end + size
    while True:
        while at < size:
            if markdown[at] != SPACE:
                out[end] = markdown[at]
                end += 1
            else:
                kind = space(markdown, at, size)
                if not kind:
                    break
                end = sign(out, end, <uint8_t>kind)
                at += kind == BREAK
            at += 1
        stop = word
        while stop < length and text[stop] != SPACE:
            stop += 1
        if stop - word == end - begin and memcmp(text + word, out + begin, end - begin) == 0:
            end = begin
        elif end == begin:
            end = sign(out, end, EMPTY)
        if at >= size:
            return end
        out[end] = SPACE
        end += 1
        begin = end
        at += 1
        word = stop + 1


def patches(
    const int32_t[::1] text_ends, const uint8_t[::1] texts,
    const int32_t[::1] markdown_ends, const uint8_t[::1] markdowns,
    int32_t[::1] ends, uint8_t[::1] same,
):
    """Return the patches of texts, joined, as bytes; MemoryError where they do not fit.

    ``text_ends`` and ``markdown_ends`` are Arrow's offsets; ``ends`` receives those of the patches,
    and ``same`` a 1 where Markdown and text are the same, and there is no patch.
    """
    cdef Py_ssize_t count = text_ends.shape[0] - 1, row, length, size, end = 0, room = 0
    cdef const uint8_t* text = NULL
    cdef const uint8_t* markdown = NULL
    cdef uint8_t* out = NULL
    cdef uint8_t* larger
    cdef bint fits = True
    if texts.shape[0]:
        text = &texts[0]
    if markdowns.shape[0]:
        markdown = &markdowns[0]
    ends[0] = 0
    with nogil:
        for row in range(count):
            length = text_ends[row + 1] - text_ends[row]
            size = markdown_ends[row + 1] - markdown_ends[row]
            same[row] = length == size and memcmp(
                text + text_ends[row], markdown + markdown_ends[row], size) == 0
            if not same[row]:
                if end + 3 * size + 3 > room:
                    room = 2 * room + 3 * size + 3
                    larger = <uint8_t*>realloc(out, room)
                    if larger == NULL:
                        fits = False
                        break
                    out = larger
                end += patch(
                    text + text_ends[row], length, markdown + markdown_ends[row], size, out + end
                )
                if end > 0x7FFFFFFF:
                    fits = False
                    break
            ends[row + 1] = <int32_t>end
    try:
        if not fits:
            raise MemoryError
        return PyBytes_FromStringAndSize(<char*>out, end)
    finally:
        free(out)

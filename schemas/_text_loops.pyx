# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Loops over the characters of a text; stand for those of plain_text.py with equal results."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    Py_UNICODE_ISSPACE,
)
from libc.string cimport memchr
from libc.stdint cimport uint8_t, uint16_t, uint32_t

cdef enum:
    # kinds of characters, as in plain_text.py
    OUTSIDE = 0
    LETTER = 1
    MARK = 2
    IDEOGRAPH = 3
    UNSPACED = 4
    BMP = 65536

ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t


cdef Py_ssize_t collapse(const Char* text, Py_ssize_t length, Char* out) noexcept:
    cdef Py_ssize_t at, end = 0
    cdef bint spaced = True  # none at the beginning
    for at in range(length):
        if text[at] > 0x20 and text[at] < 0x7F:
            out[end] = text[at]
            end += 1
            spaced = False
        elif Py_UNICODE_ISSPACE(text[at]):
            if not spaced:
                out[end] = 0x20
                end += 1
                spaced = True
        else:
            out[end] = text[at]
            end += 1
            spaced = False
    return end - 1 if end and spaced else end


def collapsed(str text):
    """Return the text with each run of white space as one space, and none at the ends."""
    cdef Py_ssize_t length = len(text), end
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef void* out = PyMem_Malloc(length * kind + 1)
    if out == NULL:
        raise MemoryError
    try:
        if kind == 1:
            end = collapse[uint8_t](<const uint8_t*>data, length, <uint8_t*>out)
        elif kind == 2:
            end = collapse[uint16_t](<const uint16_t*>data, length, <uint16_t*>out)
        else:
            end = collapse[uint32_t](<const uint32_t*>data, length, <uint32_t*>out)
        return PyUnicode_FromKindAndData(kind, out, end)
    finally:
        PyMem_Free(out)


cdef Py_ssize_t count(
    const Char* text, Py_ssize_t length, const uint8_t* kinds, Py_ssize_t letters_a_word
) noexcept:
    cdef Py_ssize_t at = 0, words = 0, unspaced = 0
    cdef uint8_t kind, before = OUTSIDE
    while at < length:
        if sizeof(Char) > 2 and text[at] >= BMP:
            return -1
        kind = kinds[text[at]]
        at += 1
        if kind < MARK and not unspaced:  # without a branch, which no processor foresees
            words += (kind == LETTER) & (before != LETTER)
            before = kind
            continue
        if kind == MARK:
            continue
        if kind == UNSPACED:
            unspaced += 1
        else:
            words += (unspaced + letters_a_word - 1) // letters_a_word
            unspaced = 0
            words += kind == IDEOGRAPH or (kind == LETTER and before != LETTER)
        before = kind
    return words + (unspaced + letters_a_word - 1) // letters_a_word


def word_count(str text, const uint8_t[::1] kinds, Py_ssize_t letters_a_word):
    """Count words; -1 where a character has no entry in ``kinds``, which are of the first plane."""
    cdef Py_ssize_t length = len(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    if kind == 1:
        return count[uint8_t](<const uint8_t*>data, length, &kinds[0], letters_a_word)
    if kind == 2:
        return count[uint16_t](<const uint16_t*>data, length, &kinds[0], letters_a_word)
    return count[uint32_t](<const uint32_t*>data, length, &kinds[0], letters_a_word)


cdef enum:
    STRIDE = 64  # octets that are looked at at once


def is_sound(text):
    """Tell whether ``values.sound`` leaves a text as it is: it has no surrogates and no NUL."""
    if not isinstance(text, str):  # or of a class derived from it
        raise TypeError("expected a text")
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    if kind == 1:
        return memchr(data, 0, len(text)) == NULL
    if kind == 2:
        return has_neither(<const uint16_t*>data, len(text))
    return has_neither(<const uint32_t*>data, len(text))


cdef bint has_neither(const Char* text, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at = 0, stop
    cdef uint8_t some
    while at < size:  # counted in octets, many at once
        stop = min(size, at + 255)
        some = 0
        while at < stop:
            some += (text[at] == 0) | (text[at] >> 11 == 0x1B)
            at += 1
        if some:
            return False
    return True


def is_utf8(bytes text not None):
    """Tell whether octets are valid UTF-8, as ``bytes.decode`` does; stands for ``encoding.is_utf8``."""
    cdef const uint8_t* data = <const uint8_t*>text
    cdef Py_ssize_t size = len(text), at = 0, stop
    cdef uint8_t first, low, high
    while at < size:
        while at + STRIDE <= size and is_ascii(data + at):
            at += STRIDE
        stop = min(size, at + STRIDE)
        while at < stop:
            first = data[at]
            at += 1
            if first < 0x80:
                continue
            if first < 0xC2 or first > 0xF4:
                return False
            low, high = 0x80, 0xBF  # of the second; not what fewer octets say, nor surrogates
            if first == 0xE0:
                low = 0xA0
            elif first == 0xED:
                high = 0x9F
            elif first == 0xF0:
                low = 0x90
            elif first == 0xF4:
                high = 0x8F
            if at == size or not low <= data[at] <= high:
                return False
            at += 1
            if first >= 0xE0:
                if at == size or data[at] & 0xC0 != 0x80:
                    return False
                at += 1
            if first >= 0xF0:
                if at == size or data[at] & 0xC0 != 0x80:
                    return False
                at += 1
    return True


cdef inline bint is_ascii(const uint8_t* data) noexcept:
    cdef uint8_t all_bits = 0
    cdef Py_ssize_t step
    for step in range(STRIDE):
        all_bits |= data[step]
    return all_bits < 0x80

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Words of texts and their postings in one pass; stand for numpy's in tokenize.py and index.py."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

cdef enum:
    # a character's class, as in tokenize.py
    OUTSIDE = 0
    MARK = 1
    LETTER = 2
    SPACELESS = 3
    UNKNOWN = 255

import os

cdef uint64_t MULTIPLIER = 6364136223846793005u
# words that share a slot cannot be made up, which would take time for each pair of them
cdef uint64_t SEED = int.from_bytes(os.urandom(8), "little")


cdef struct Word:
    int32_t start
    uint32_t size
    uint32_t hash


cdef struct Found:
    int32_t* starts
    int32_t* codes
    Py_ssize_t count
    Word* words
    Py_ssize_t distinct
    Py_ssize_t words_room
    int32_t* slots  # code + 1 of a word by its hash; 0 is empty
    Py_ssize_t mask
    int64_t letters  # bytes of the distinct words


cdef inline Py_ssize_t size_of(uint8_t lead) noexcept nogil:
    return 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)


cdef inline uint32_t code_point(const uint8_t* text, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    cdef uint32_t code
    cdef Py_ssize_t byte
    if size == 1:
        return text[at]
    code = text[at] & (0x7F >> size)
    for byte in range(1, size):
        code = code << 6 | (text[at + byte] & 0x3F)
    return code


cdef bint grow_slots(Found* found) noexcept nogil:
    """Double the slots; False without memory."""
    cdef Py_ssize_t size = 2 * (found.mask + 1), word, slot
    cdef int32_t* slots = <int32_t*>calloc(size, sizeof(int32_t))
    if slots == NULL:
        return False
    free(found.slots)
    found.slots = slots
    found.mask = size - 1
    for word in range(found.distinct):
        slot = found.words[word].hash & found.mask
        while slots[slot]:
            slot = (slot + 1) & found.mask
        slots[slot] = <int32_t>(word + 1)
    return True


cdef bint add(Found* found, const uint8_t* text, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
    """Add a word; False without memory."""
    cdef uint64_t hash, octets
    cdef uint32_t low
    cdef Py_ssize_t at = start, slot, size = end - start
    cdef int32_t code
    cdef Word* word
    cdef void* larger
    hash = size ^ SEED
    while at < end:  # eight bytes at a time
        octets = 0
        memcpy(&octets, text + at, 8 if end - at > 8 else end - at)
        hash = (hash ^ octets) * MULTIPLIER
        hash ^= hash >> 29
        at += 8
    low = <uint32_t>(hash >> 20)
    slot = low & found.mask
    while True:
        code = found.slots[slot]
        if not code:
            break
        word = &found.words[code - 1]
        if (
            word.hash == low and word.size == size
            and memcmp(text + word.start, text + start, size) == 0
        ):
            break
        slot = (slot + 1) & found.mask
    if not code:
        if found.distinct == found.words_room:
            found.words_room = 2 * found.words_room + 1024
            larger = realloc(found.words, found.words_room * sizeof(Word))
            if larger == NULL:
                return False
            found.words = <Word*>larger
        found.words[found.distinct] = Word(<int32_t>start, <uint32_t>size, low)
        found.distinct += 1
        found.letters += size
        code = <int32_t>found.distinct
        found.slots[slot] = code
        if 2 * found.distinct > found.mask and not grow_slots(found):
            return False
    found.starts[found.count] = <int32_t>start
    found.codes[found.count] = code - 1
    found.count += 1
    return True


cdef bint find(
    Found* found, const uint8_t* text, Py_ssize_t length, const uint8_t* classes
) noexcept nogil:
    """Find all words; False without memory."""
    cdef Py_ssize_t at = 0, size, word = -1, letter = -1
    cdef uint8_t kind
    cdef bint paired = False  # whether the spaceless letter before is in a pair
    while at < length:
        if word >= 0 and text[at] < 0x80 and classes[text[at]] == LETTER:
            at += 1  # most bytes
            continue
        size = size_of(text[at])
        kind = classes[code_point(text, at, size)]
        if kind != LETTER and not (kind == MARK and word >= 0) and word >= 0:
            if not add(found, text, word, at):
                return False
            word = -1
        if kind == LETTER and word < 0:
            word = at
        if kind == SPACELESS:
            if letter >= 0:
                if not add(found, text, letter, at + size):
                    return False
                paired = True
            else:
                paired = False
            letter = at
        elif letter >= 0:
            if not paired and not add(found, text, letter, at):
                return False
            letter = -1
        # a word may begin where a spaceless run ends: words stay in the order of their starts
        at += size
    if word >= 0 and not add(found, text, word, length):
        return False
    return letter < 0 or paired or add(found, text, letter, length)


def unknown(const uint8_t[::1] texts, const uint8_t[::1] classes):
    """Return the code points whose class is unknown, in order, with repeats of distant ones."""
    cdef Py_ssize_t at = 0, length = texts.shape[0], size
    cdef uint32_t code
    codes = set()
    while at < length:
        size = size_of(texts[at])
        code = code_point(&texts[0], at, size)
        if classes[code] == UNKNOWN:
            codes.add(code)
        at += size
    return sorted(codes)


def words(
    const uint8_t[::1] texts, const uint8_t[::1] classes, int32_t[::1] starts, int32_t[::1] codes
):
    """Find all words; return their number, and the distinct ones by their codes: the offsets
    (int32) of their bytes, and the bytes.

    ``starts`` and ``codes`` receive each word's offset and code in reading order. They have room
    for half as many words as there are bytes, and one more; there are less than 2 GB.
    """
    cdef Found found
    cdef const uint8_t* text = NULL
    cdef bytes ends, letters
    cdef int32_t* end
    cdef char* letter
    cdef Py_ssize_t code
    memset(&found, 0, sizeof(found))
    if texts.shape[0]:
        text = &texts[0]
    try:
        found.starts, found.codes = &starts[0], &codes[0]
        found.mask = 4095
        found.slots = <int32_t*>calloc(found.mask + 1, sizeof(int32_t))
        if found.slots == NULL:
            raise MemoryError
        with nogil:
            if not find(&found, text, texts.shape[0], &classes[0]):
                with gil:
                    raise MemoryError
        if found.letters > 0x7FFFFFFF:
            raise MemoryError
        ends = PyBytes_FromStringAndSize(NULL, (found.distinct + 1) * sizeof(int32_t))
        letters = PyBytes_FromStringAndSize(NULL, found.letters)
        end, letter = <int32_t*><char*>ends, <char*>letters
        end[0] = 0
        for code in range(found.distinct):
            memcpy(letter + end[code], text + found.words[code].start, found.words[code].size)
            end[code + 1] = end[code] + <int32_t>found.words[code].size
        return found.count, ends, letters
    finally:
        free(found.words)
        free(found.slots)


def postings(
    const int32_t[::1] codes, const int32_t[::1] ranks, Py_ssize_t terms,
    const int64_t[:, ::1] until,
    int32_t[::1] rank, int32_t[::1] document, int32_t[::1] times, int32_t[::1] title_times,
    int32_t[::1] ends, int32_t[::1] places,
):
    """Sort words in reading order into postings; return the number of postings.

    ``codes`` are the words, ``ranks`` the places of their terms, by code, among ``terms`` terms in
    order. ``until`` has the numbers of words before the end of each document's title, standfirst
    and text (three rows). The other arrays have room for a posting a word and receive them, by
    term and document; ``ends`` has one more.
    """
    cdef Py_ssize_t count = codes.shape[0], documents = until.shape[1]
    cdef Py_ssize_t word, at, term, doc, begin = 0, row = -1, first
    cdef int64_t* following = <int64_t*>calloc(terms + 1, sizeof(int64_t))
    cdef int32_t* owner = <int32_t*>calloc(count + 1, sizeof(int32_t))
    cdef int32_t place
    try:
        if following == NULL or owner == NULL:
            raise MemoryError
        with nogil:
            for word in range(count):
                following[ranks[codes[word]] + 1] += 1
            for term in range(terms):
                following[term + 1] += following[term]
            for doc in range(documents):
                for word in range(begin, until[2, doc]):
                    # title, standfirst and text are one empty position apart
                    place = <int32_t>(1 + word - begin)
                    place += word >= until[0, doc]
                    place += word >= until[1, doc]
                    term = ranks[codes[word]]
                    at = following[term]
                    following[term] += 1
                    places[at] = place
                    # a word of the title is known by its sign
                    owner[at] = <int32_t>(-1 - doc if word < until[0, doc] else doc)
                begin = until[2, doc]
            first = 0
            for term in range(terms):  # following has the ends now
                doc = -1
                for at in range(first, following[term]):
                    place = owner[at]
                    if (place if place >= 0 else -1 - place) != doc:
                        doc = place if place >= 0 else -1 - place
                        row += 1
                        rank[row] = <int32_t>term
                        document[row] = <int32_t>doc
                        ends[row] = <int32_t>at
                        times[row] = 0
                        title_times[row] = 0
                    times[row] += 1
                    title_times[row] += place < 0
                first = following[term]
            ends[row + 1] = <int32_t>count
        return row + 1
    finally:
        free(following)
        free(owner)

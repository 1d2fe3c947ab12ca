# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Texts, measured; stands for ``text_features.counted`` and gives the same bits."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc
from cpython.ref cimport PyObject
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_Find,
    PyUnicode_FindChar,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.string cimport memcpy, memset

from copydesk.schemas import plain_text as _plain_text
from copydesk.tasks.cleaning.html import character_counts as _characters
from copydesk.tasks.cleaning.vocabulary import block_words as _phrases
from copydesk.tasks.cleaning.vocabulary import class_names as _vocabulary

include "figures.pxi"
include "octet_hash.pxi"

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object)
    ctypedef unsigned char Py_UCS1
    ctypedef unsigned short Py_UCS2

cdef dict SAID = _phrases.BITS, TAGS = _vocabulary.TAGS
cdef Py_ssize_t LONGEST = _phrases.LONGEST
cdef double EXTRA = _characters.EXTRA
cdef Py_ssize_t SPANS = len(_plain_text.IDEOGRAPHS)
cdef unsigned int[32] FROM, TO  # of Han and kana
cdef enum:
    LOOKED_AT = 300  # as in text_features.py
    PACKED_BITS = 6  # ten counts in 64 bits
    MOST_PACKED = 63
    TRACES = 8192
    OF_FURNITURE = 1
    OF_TITLE = 2
    OF_SUMMARY = 4
    FOURS = 65_536
    MOST_TAGS = 64
    NEAR = 1_000
    # What is known of a character; nothing until it is met.
    MET = 1
    OF_WORD = 2
    IDEOGRAPH = 4

# Whether a character is one of a word's, of ASCII; and the traces of all words that mean something:
# a word without a trace is none of them, which saves to look it up.
cdef unsigned char[128] IN_WORD
cdef unsigned char[TRACES] TRACED
cdef unsigned char[0x10000] NATURE


cdef inline int trace(int kind, void* data, Py_ssize_t start, Py_ssize_t end) noexcept:
    cdef unsigned int first = PyUnicode_READ(kind, data, start)
    cdef unsigned int middle = PyUnicode_READ(kind, data, (start + end) >> 1)
    cdef unsigned int last = PyUnicode_READ(kind, data, end - 1)
    cdef unsigned int length = <unsigned int>(end - start)
    return (first * 31 + middle * 131 + last * 521 + length * 1031) & (TRACES - 1)


cdef int leave_traces(words, unsigned char* traced, unsigned char mark) except -1:
    for word in words:
        traced[trace(PyUnicode_KIND(word), PyUnicode_DATA(word), 0, len(word))] |= mark
    return 0


cdef int prepare() except -1:
    cdef int code
    for code in range(128):
        IN_WORD[code] = chr(code).isalnum() or chr(code) == "_"
    for code, (first, last) in enumerate(_plain_text.IDEOGRAPHS):
        FROM[code], TO[code] = first, last
    memset(TRACED, 0, TRACES)
    return leave_traces(SAID, TRACED, OF_FURNITURE)


prepare()


cdef inline bint is_ideograph(unsigned int char) noexcept:
    cdef Py_ssize_t each
    if char < FROM[0]:
        return False
    for each in range(SPANS):
        if FROM[each] <= char <= TO[each]:
            return True
    return False


cdef inline int nature(Py_UCS4 char) noexcept:
    """Tell whether a character is one of a word's, and a word by itself."""
    cdef int known
    if char < 0x10000 and NATURE[char]:
        return NATURE[char]
    known = MET | (OF_WORD if char.isalnum() else 0)
    known |= IDEOGRAPH if is_ideograph(char) else 0
    if char < 0x10000:
        NATURE[char] = known
    return known


cdef inline bint is_single(Py_UCS4 char) noexcept:
    return char >= FROM[0] and nature(char) & IDEOGRAPH != 0


# What characters are in lower case, one more than it is; 0 until it is met, and for those that do
# not become one character in every text.
cdef unsigned int[0x10000] SMALL
cdef enum:
    SIGMA = 0x3A3  # at the end of a word it becomes another
    AT_ONCE = 4_096


cdef str small(str text):
    """Write a text in lower case, as ``str.lower`` does: that is slow beyond ASCII."""
    cdef Py_ssize_t size = len(text), at
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data
    cdef Py_UCS2[AT_ONCE] few
    cdef unsigned int char, known
    cdef str lower
    if kind > 2 or size > AT_ONCE or PyUnicode_IS_COMPACT_ASCII(text):
        return text.lower()
    data = PyUnicode_DATA(text)
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        known = SMALL[char]
        if not known:
            lower = chr(char).lower()
            if char == SIGMA or len(lower) != 1 or ord(lower) > 0xFFFF:
                return text.lower()
            known = SMALL[char] = <unsigned int>ord(lower) + 1
        few[at] = <Py_UCS2>(known - 1)
    return PyUnicode_FromKindAndData(2, few, size)


def in_lower_case(list texts not None, list indexes not None):
    """Join some of the texts by spaces, in lower case; stands for ``text_features.joined``."""
    cdef list parts = []
    for index in indexes:
        parts.append(small(<str>texts[<Py_ssize_t>index]))
    return " ".join(parts)


# A one in the place of each of a character's classes.
cdef unsigned long long[0x10001] PACKED


cdef int pack(
    const unsigned char[::1] table, const unsigned short[::1] combinations
) except -1:
    cdef int code, bit
    for code in range(0x10001):
        for bit in range(CLASSES):
            if combinations[table[code]] >> bit & 1:
                PACKED[code] |= <unsigned long long>1 << bit * PACKED_BITS
    return 0


cdef Py_ssize_t count_lines(str text) except -1:
    """Count line breaks, which few blocks have."""
    cdef Py_ssize_t size = len(text), line_breaks = 0, at = -1
    while True:
        at = PyUnicode_FindChar(text, c"\n", at + 1, size, 1)
        if at < 0:
            return line_breaks
        line_breaks += 1


cdef inline unsigned long long mixed(unsigned long long key, unsigned long long part) noexcept:
    return key * 1_000_003 ^ part


cdef unsigned long long SECRET = <unsigned long long>hash("any word") | 1


cdef inline unsigned char lowered(unsigned char char) noexcept:
    """Give a character of ASCII in lower case."""
    return char + 32 * (c"A" <= char <= c"Z")


cdef bint alike(str text, str other) except -1:
    """Tell whether two texts are the same but for case."""
    cdef const unsigned char* data
    cdef const unsigned char* other_data
    cdef Py_ssize_t at
    if not (PyUnicode_IS_COMPACT_ASCII(text) and PyUnicode_IS_COMPACT_ASCII(other)):
        return text.lower() == other.lower()
    if len(text) != len(other):
        return False
    data = <const unsigned char*>PyUnicode_DATA(text)
    other_data = <const unsigned char*>PyUnicode_DATA(other)
    for at in range(len(text)):
        if lowered(data[at]) != lowered(other_data[at]):
            return False
    return True


# Which texts of a page are alike but for case, by the first of each.
cdef class _Occurrences:
    cdef dict firsts, long_ones
    cdef list texts
    cdef Py_ssize_t* first
    cdef Py_ssize_t* count
    # Short texts: one more than the first of each, where its hash says or behind; 0 is free.
    cdef Py_ssize_t* slots
    cdef unsigned long long* hashes
    cdef Py_ssize_t room

    def __cinit__(self, list texts):
        cdef Py_ssize_t size = max(1, len(texts))
        self.firsts, self.long_ones, self.texts = {}, {}, texts
        self.room = 64
        while self.room < 2 * size:
            self.room *= 2
        self.first = <Py_ssize_t*>PyMem_Malloc(size * sizeof(Py_ssize_t))
        self.count = <Py_ssize_t*>PyMem_Malloc(size * sizeof(Py_ssize_t))
        self.hashes = <unsigned long long*>PyMem_Malloc(size * sizeof(unsigned long long))
        self.slots = <Py_ssize_t*>PyMem_Calloc(self.room, sizeof(Py_ssize_t))
        if not (self.first and self.count and self.hashes and self.slots):
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.first)
        PyMem_Free(self.count)
        PyMem_Free(self.hashes)
        PyMem_Free(self.slots)

    cdef Py_ssize_t add_short(self, Py_ssize_t index, unsigned long long key) except -1:
        """Add a text by a hash of it in lower case; give how many like it were added before."""
        cdef Py_ssize_t slot = key & (self.room - 1), other
        self.hashes[index] = key
        while self.slots[slot]:
            other = self.slots[slot] - 1
            if self.hashes[other] == key and alike(self.texts[index], self.texts[other]):
                self.first[index] = other
                self.count[other] += 1
                return self.count[other] - 1
            slot = (slot + 1) & (self.room - 1)
        self.slots[slot] = index + 1
        self.first[index], self.count[index] = index, 1
        return 0

    cdef Py_ssize_t add_long(self, Py_ssize_t index, unsigned long long caseless) except -1:
        """Add a long text; give how many like it were added before.

        It is compared by its characters without case, of which ``caseless`` is a hash, and written
        in lower case only where another has as many: that takes longer than all else.
        """
        cdef object value = self.long_ones.get(caseless)
        cdef str lower
        if value is None:
            self.long_ones[caseless] = index
            self.first[index], self.count[index] = index, 1
            return 0
        if <Py_ssize_t>value >= 0:
            self.firsts[(<str>self.texts[<Py_ssize_t>value]).lower()] = value
            self.long_ones[caseless] = -1
        lower = (<str>self.texts[index]).lower()
        value = self.firsts.get(lower)
        if value is None:
            self.firsts[lower] = index
            self.first[index], self.count[index] = index, 1
            return 0
        self.first[index] = <Py_ssize_t>value
        self.count[<Py_ssize_t>value] += 1
        return self.count[<Py_ssize_t>value] - 1


cdef enum:
    MOST_SOUGHT = 255
    CHAINS = 256
cdef struct Word:
    int kind
    void* data
    Py_ssize_t size
    Py_ssize_t block  # the last one that has it
    unsigned char marks
    unsigned char following  # one more than the next of its chain; 0 at the end


# The words of a title and a description, if they are not too many.
cdef class _Sought:
    cdef list words
    cdef bint fits
    cdef Word[MOST_SOUGHT] entries
    cdef unsigned char[CHAINS] chains

    def __cinit__(self, frozenset title, frozenset summary):
        cdef Py_ssize_t number
        cdef int chain
        cdef str text
        self.words = list(title | summary)
        self.fits = len(self.words) <= MOST_SOUGHT
        for number in range(len(self.words) if self.fits else 0):
            text = self.words[number]
            chain = trace(PyUnicode_KIND(text), PyUnicode_DATA(text), 0, len(text)) % CHAINS
            self.entries[number] = Word(
                PyUnicode_KIND(text), PyUnicode_DATA(text), len(text), -1,
                OF_TITLE * (text in title) | OF_SUMMARY * (text in summary), self.chains[chain],
            )
            self.chains[chain] = <unsigned char>(number + 1)

    cdef unsigned char met(
        self, Py_ssize_t block, int kind, void* data, Py_ssize_t begin, Py_ssize_t end
    ) noexcept:
        """Tell what has a block's word; nothing if the block has had it before."""
        cdef unsigned char number = self.chains[trace(kind, data, begin, end) % CHAINS]
        cdef Word* entry
        cdef Py_ssize_t at
        while number:
            entry = &self.entries[number - 1]
            if entry.size == end - begin:
                at = 0
                while at < entry.size and (
                    PyUnicode_READ(entry.kind, entry.data, at)
                    == PyUnicode_READ(kind, data, begin + at)
                ):
                    at += 1
                if at == entry.size:
                    if entry.block == block:
                        return 0
                    entry.block = block
                    return entry.marks
            number = entry.following
        return 0


cdef inline str piece(int kind, void* data, Py_ssize_t begin, Py_ssize_t end):
    return PyUnicode_FromKindAndData(kind, <char*>data + begin * kind, end - begin)


cdef inline Py_ssize_t run_end(int kind, void* data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Give the end of the run of letters and digits that begins there, or the same place."""
    cdef Py_UCS4 char
    while at < size:
        char = PyUnicode_READ(kind, data, at)
        if not (IN_WORD[char] if char < 128 else nature(char) & OF_WORD):
            break
        at += 1
    return at


cdef inline Py_ssize_t word_end(int kind, void* data, Py_ssize_t begin, Py_ssize_t end) noexcept:
    """Give the end of a run's word that begins there: Han and kana are words by themselves."""
    cdef Py_ssize_t at = begin + 1
    if not is_single(PyUnicode_READ(kind, data, begin)):
        while at < end and not is_single(PyUnicode_READ(kind, data, at)):
            at += 1
    return at


def words_of(str text not None):
    """Give a text's words in lower case; stands for ``block_words.words_of``."""
    cdef str lower = small(text)
    cdef int kind = PyUnicode_KIND(lower)
    cdef void* data = PyUnicode_DATA(lower)
    cdef Py_ssize_t size = len(lower), at = 0, begin, end
    cdef Py_UCS4 char
    cdef set words = set()
    while at < size:
        begin, at = at, run_end(kind, data, at, size)
        if begin == at:
            char = PyUnicode_READ(kind, data, at)
            at += 1
            if char != 0xA9 and char != 0xAE:  # signs that are words
                continue
        while begin < at:
            end = word_end(kind, data, begin, at)
            words.add(piece(kind, data, begin, end))
            begin = end
    return frozenset(words)


def heads_in(
    list texts not None, str body not None, Py_ssize_t size, float[::1] found not None
):
    """Tell which texts' heads the body has; stands for the end of ``text_features.in_body``."""
    cdef Py_ssize_t index
    cdef int kind = PyUnicode_KIND(body)
    cdef void* data = PyUnicode_DATA(body)
    cdef str head
    cdef Py_ssize_t near, behind = 0
    cdef unsigned char[FOURS] fours  # which four characters the body has in a row, by their hash
    memset(fours, 0, FOURS)
    mark_fours(kind, data, len(body), fours)
    for index in range(len(texts)):
        head = <str>texts[index]
        if PyUnicode_IS_COMPACT_ASCII(head) and not may_hold(head, size, fours):
            found[index] = 0  # as it is, before it is copied
            continue
        head = small(head if len(head) <= 2 * size else head[:2 * size])
        if len(head) > size:
            head = head[:size]
        if not may_hold(head, size, fours):
            found[index] = 0
            continue
        # Most stand shortly behind the one before.
        near = PyUnicode_Find(body, head, behind, min(len(body), behind + NEAR), 1)
        if near < 0:
            near = PyUnicode_Find(body, head, 0, len(body), 1)
        found[index] = near >= 0
        if near >= 0:
            behind = near + len(head)


cdef bint may_hold(str head, Py_ssize_t size, unsigned char* fours) noexcept:
    """Tell whether all that were looked at of a head's fours, in lower case, are in the body."""
    cdef int kind = PyUnicode_KIND(head)
    cdef void* data = PyUnicode_DATA(head)
    cdef Py_ssize_t at
    for at in range(0, min(len(head), size) - 3, 3):
        if not fours[four(kind, data, at)]:
            return False
    return True


# The last four characters, letters of ASCII without their case.
cdef inline unsigned long long followed(unsigned long long last, unsigned int char) noexcept:
    return last << 16 | ((char | 0x20) & 0xFFFF)


cdef inline unsigned int hash_of(unsigned long long last) noexcept:
    return <unsigned int>(last * <unsigned long long>0x9E3779B97F4A7C15 >> 48)


cdef inline unsigned int four(int kind, void* data, Py_ssize_t at) noexcept:
    """Hash four characters in a row."""
    cdef unsigned long long last = 0
    cdef Py_ssize_t each
    for each in range(at, at + 4):
        last = followed(last, PyUnicode_READ(kind, data, each))
    return hash_of(last)


cdef int mark_fours(int kind, void* data, Py_ssize_t size, unsigned char* fours) noexcept:
    """Mark all of a text's fours; the first three that it marks are shorter."""
    cdef Py_ssize_t at
    cdef unsigned long long last = 0
    if kind == 1:
        for at in range(size):
            last = followed(last, (<const Py_UCS1*>data)[at])
            fours[hash_of(last)] = 1
    elif kind == 2:
        for at in range(size):
            last = followed(last, (<const Py_UCS2*>data)[at])
            fours[hash_of(last)] = 1
    else:
        for at in range(size):
            last = followed(last, PyUnicode_READ(kind, data, at))
            fours[hash_of(last)] = 1
    return 0


def measure(
    page not None, frozenset title not None, frozenset summary not None,
    const unsigned char[::1] table not None, const unsigned short[::1] combinations not None,
    float[:, ::1] figures not None, long long[:, ::1] ends not None,
):
    """Fill ``figures`` and ``ends``; stands for ``text_features.counted``."""
    cdef list texts = page.text, tags = page.containers.tag
    cdef const long long[::1] container = page.container, linked = page.linked
    cdef const long long[::1] strong = page.strong, links = page.links, images = page.images
    cdef Py_ssize_t index, at, size, start, stop, words, linked_chars, begin, end
    cdef Py_ssize_t titled_words, described_words
    cdef double density
    cdef int class_counts[CLASSES]
    cdef int kind, each, bit
    cdef unsigned long long together
    cdef void* data
    cdef Py_UCS4 char
    cdef long long word_groups
    cdef str text, lower, word
    cdef bint short
    cdef unsigned char[LOOKED_AT] small_letters
    cdef _Sought sought = _Sought(title, summary)
    cdef _Occurrences occurrences = _Occurrences(texts)
    cdef unsigned long long caseless
    cdef set titled, described
    cdef object value
    cdef unsigned char[TRACES] traced
    cdef unsigned char traces_met
    cdef PyObject* tag
    cdef PyObject* tags_met[MOST_TAGS]
    cdef int[MOST_TAGS] tag_numbers
    cdef Py_ssize_t slot
    memset(tags_met, 0, sizeof(tags_met))
    if not PACKED[0x10000]:
        pack(table, combinations)
    memcpy(traced, TRACED, TRACES)
    leave_traces(title, traced, OF_TITLE)
    leave_traces(summary, traced, OF_SUMMARY)
    for index in range(len(texts)):
        text = texts[index]
        size = len(text)
        figures[LINKS, index] = links[index]
        figures[IMAGES, index] = images[index]
        tag = <PyObject*>tags[container[index]]
        slot = <Py_ssize_t>(<size_t>tag >> 4 & (MOST_TAGS - 1))
        if tags_met[slot] != tag:  # elements of a name share the object
            value = TAGS.get(<object>tag)
            tags_met[slot], tag_numbers[slot] = tag, 0 if value is None else <int>value
        figures[TAG, index] = tag_numbers[slot]
        kind = PyUnicode_KIND(text)
        data = PyUnicode_DATA(text)
        for bit in range(CLASSES):
            class_counts[bit] = 0
        at = 0
        while at < size:
            stop = min(size, at + MOST_PACKED)
            together = 0
            if kind == 1:
                for at in range(at, stop):
                    together += PACKED[(<const Py_UCS1*>data)[at]]
            elif kind == 2:
                for at in range(at, stop):
                    together += PACKED[(<const Py_UCS2*>data)[at]]
            else:
                for at in range(at, stop):
                    char = PyUnicode_READ(kind, data, at)
                    together += PACKED[char if char < 0x10000 else 0x10000]
            at = stop
            for bit in range(CLASSES):
                class_counts[bit] += <int>(together >> bit * PACKED_BITS & MOST_PACKED)
        for bit in range(CLASSES):
            figures[bit, index] = class_counts[bit]
        density = (size + EXTRA * class_counts[DENSE]) / size
        linked_chars = linked[index]
        figures[LENGTH, index] = <float>(size + EXTRA * class_counts[DENSE])
        figures[LINKED, index] = <float>(min(linked_chars, size) * density)
        figures[STRONG, index] = <float>(strong[index] * density)
        char = PyUnicode_READ(kind, data, 0)
        ends[0, index] = combinations[table[char if char < 0x10000 else 0x10000]]
        char = PyUnicode_READ(kind, data, size - 1)
        ends[1, index] = combinations[table[char if char < 0x10000 else 0x10000]]
        figures[LINES, index] = count_lines(text)
        figures[COLON, index] = char == c":" or char == 0xFF1A
        # None becomes less than one letter in lower case, few become two.
        short = size <= LOOKED_AT
        if short and PyUnicode_IS_COMPACT_ASCII(text):
            for at in range(size):
                small_letters[at] = lowered((<const unsigned char*>data)[at])
            data = small_letters
        elif short:
            lower = small(text)
            size = len(lower)
            kind = PyUnicode_KIND(lower)
            data = PyUnicode_DATA(lower)
            short = size <= LOOKED_AT
        words = word_groups = titled_words = described_words = 0
        titled = described = None
        if not short:
            caseless = mixed(class_counts[SPACE], class_counts[END])
            caseless = mixed(caseless, class_counts[PAUSE])
            caseless = mixed(mixed(caseless, class_counts[QUOTE]), class_counts[DIGIT])
            figures[EARLIER, index] = occurrences.add_long(index, caseless)
        else:
            caseless = octet_hash(<const unsigned char*>data, size * kind, SECRET)
            figures[EARLIER, index] = occurrences.add_short(index, caseless)
            start = at = 0
            while at < size:
                start, at = at, run_end(kind, data, at, size)
                if start == at:
                    char = PyUnicode_READ(kind, data, at)
                    at += 1
                    if char != 0xA9 and char != 0xAE:  # signs that are words
                        continue
                traces_met = traced[trace(kind, data, start, at)]
                if traces_met & OF_FURNITURE:
                    value = SAID.get(piece(kind, data, start, at))
                    if value is not None:
                        word_groups |= <long long>value
                begin = start
                while begin < at:
                    end = at if kind == 1 else word_end(kind, data, begin, at)  # no Han in Latin-1
                    words += 1
                    if begin != start or end != at:
                        traces_met = traced[trace(kind, data, begin, end)]
                    if not traces_met & (OF_TITLE | OF_SUMMARY):
                        pass
                    elif sought.fits:
                        traces_met = sought.met(index, kind, data, begin, end)
                        titled_words += (traces_met & OF_TITLE) != 0
                        described_words += (traces_met & OF_SUMMARY) != 0
                    else:
                        word = piece(kind, data, begin, end)
                        if traces_met & OF_TITLE and word in title:
                            if titled is None:
                                titled = set()
                            titled.add(word)
                        if traces_met & OF_SUMMARY and word in summary:
                            if described is None:
                                described = set()
                            described.add(word)
                    begin = end
        figures[WORDS, index] = words
        figures[TITLED, index] = titled_words if titled is None else len(titled)
        figures[DESCRIBED, index] = described_words if described is None else len(described)
        ends[2, index] = word_groups if words <= LONGEST else 0
    for index in range(len(texts)):
        figures[REPEATS, index] = occurrences.count[occurrences.first[index]]

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Which chosen blocks may be phrases, appeals or labels: most are told at once from all of them."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_READ_CHAR,
    PyUnicode_Substring,
)
from libc.string cimport memchr

include "octet_hash.pxi"

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object)

cdef enum:
    OCTETS = 8192  # of a table of bits: a few thousand words set a tenth of them
    PHRASE = 120  # characters, as in rules.py
    LABEL = 70  # as in adverts.py
    APPEAL = 320  # as in appeals.py
    QUESTION = 180  # characters of an appeal that begins with a question: as in appeals.py
    FIRST_WORD = 40
    STORY = 160  # as in phrases.py
    STORY_LABEL = 30
    EDGE = 5  # as in adverts.py
    MAY_BE_PHRASE = 1  # as in rules.py
    MAY_BE_APPEAL = 2
    MAY_NAME_A_STORY = 4
    MAY_BE_DURATION = 8
    IS_TITLE = 16
    DURATION = 20  # characters, as in appeals.py
    START = 16  # as in repeated_body.py

# Of ASCII: a letter (in lower case), "0" for any digit, or 0.
cdef unsigned char[128] KEYED
cdef unsigned char[128] LOWERED
cdef int _code
for _code in range(128):
    LOWERED[_code] = ord(chr(_code).lower())
    KEYED[_code] = 0
    if chr(_code).isalnum():
        KEYED[_code] = c"0" if chr(_code).isdecimal() else LOWERED[_code]

# Of ASCII: what ends a sentence, or stands between words, of an appeal.
cdef enum:
    ENDS_SENTENCE = 1
    BETWEEN_WORDS = 2
cdef unsigned char[256] PARTING
for _code in range(128):
    PARTING[_code] = BETWEEN_WORDS if chr(_code).isspace() or chr(_code) in ',()[]"' else 0
    if chr(_code) in ".!?:;":
        PARTING[_code] = ENDS_SENTENCE

cdef unsigned long long SEED = 0xCBF29CE484222325


cdef inline unsigned long long added(unsigned long long key, unsigned char char) noexcept:
    return (key ^ char) * <unsigned long long>0x100000001B3


cdef class Words:
    """A set of words in ASCII that may also seem to have some that it has not."""

    cdef unsigned char[OCTETS] bits

    def __cinit__(self, words):
        cdef str word
        cdef bytes octets
        cdef unsigned char char
        cdef unsigned long long key
        for word in words:
            if not word.isascii():
                continue
            octets = word.encode()
            key = SEED
            for char in octets:
                key = added(key, char)
            key ^= key >> 29
            for key in (key, key >> 32):
                self.bits[(key >> 3) & (OCTETS - 1)] |= 1 << (key & 7)

    cdef inline bint have(self, unsigned long long key) noexcept:
        key ^= key >> 29
        return (
            self.bits[(key >> 3) & (OCTETS - 1)] >> (key & 7)
            & self.bits[(key >> 35) & (OCTETS - 1)] >> (key >> 32 & 7) & 1
        )


cdef class Suspects:
    """What phrases, labels and appeals consist of; see ``rules._suspects``.

    ``starts``, ``ends`` and ``begins`` judge texts that are not in ASCII.
    """

    cdef Words phrases, beginnings, befores, lasts, labels, appeals, appeal_labels, stories
    cdef object starts, ends, begins

    def __init__(
        self, phrases, befores, lasts, labels, appeals, appeal_labels, stories, starts, ends, begins
    ):
        self.phrases, self.befores, self.lasts = Words(phrases), Words(befores), Words(lasts)
        self.beginnings = Words(
            [phrase[:at] for phrase in phrases for at in range(len(phrase)) if phrase[at] == " "]
        )
        self.labels, self.stories = Words(labels), Words(stories)
        self.appeals, self.appeal_labels = Words(appeals), Words(appeal_labels)
        self.starts, self.ends, self.begins = starts, ends, begins

    def among(self, page not None, body not None):
        """Give what chosen blocks may be, in bits by index; most are none of it, and left out."""
        cdef list texts = page.text, tags = page.containers.tag
        cdef const long long[::1] container = page.container, links = page.links
        cdef Py_ssize_t at
        cdef int bits
        cdef str text
        cdef dict found = {}
        for index in body:
            at = index
            text = texts[at]
            bits = IS_TITLE if <str>tags[container[at]] == "h1" else 0
            if self.may_be_phrase(text):
                bits |= MAY_BE_PHRASE
            if self.may_be_appeal(text):
                bits |= MAY_BE_APPEAL
            if not links[at] and self.may_name_a_story(text):
                bits |= MAY_NAME_A_STORY
            if len(text) <= DURATION and PyUnicode_READ_CHAR(text, 0).isdecimal():
                bits |= MAY_BE_DURATION
            if bits:
                found[index] = bits
        return found

    cdef bint may_be_phrase(self, str text) except -1:
        """Tell whether a block may be a known phrase, or a label of an advertisement."""
        cdef Py_ssize_t size = len(text), at
        cdef const unsigned char* data
        cdef unsigned char char, last = 0  # of the key: 0 at its start
        cdef unsigned long long key = SEED, word = SEED, numbered = SEED
        cdef bint apart = False, is_label = size <= LABEL, counted = False
        if size > PHRASE:
            return False
        if not PyUnicode_IS_COMPACT_ASCII(text):
            if True in self.starts[PyUnicode_Substring(text, 0, EDGE)]:
                return True
            return self.ends[PyUnicode_Substring(text, max(0, size - EDGE), size)]
        data = <const unsigned char*>PyUnicode_DATA(text)
        for at in range(size):  # as ``line_key`` does, and ``title_key`` for labels
            char = KEYED[data[at]]
            if not char:
                apart = apart or not is_apostrophe(data, at, size)
                continue
            if last and apart and is_label:
                is_label = self.labels.have(word)
                word = SEED
            word = added(word, LOWERED[data[at]])
            if char == c"0" and last == c"0":
                apart = False  # numbers in a row are one
                continue
            if last and (apart or char == c"0" or last == c"0"):
                counted = counted or key == added(SEED, c"0")
                if counted and self.befores.have(key):
                    return True
                if not (counted or is_label or self.beginnings.have(key)):
                    return False  # as most
                key = added(key, c" ")
                numbered = SEED
            key = added(key, char)
            numbered = added(numbered, char)
            last = char
            apart = False
        if is_label and self.labels.have(word):
            return True
        return self.phrases.have(key) or counted and self.lasts.have(numbered)

    cdef bint may_be_appeal(self, str text) except -1:
        cdef Py_ssize_t size = len(text), at = 0, start, end, words
        cdef int kind = PyUnicode_KIND(text)
        cdef void* data = PyUnicode_DATA(text)
        cdef unsigned long long key = SEED
        cdef Py_UCS4 char = 0
        if size > APPEAL:
            return False
        for words in range(2):  # the first word, then both
            start = at
            while at < size and at - start < FIRST_WORD:
                char = PyUnicode_READ(kind, data, at)
                if char == c" " or char >= 128:
                    break
                at += 1
            if at < size and char >= 128:
                if self.begins(text):
                    return True
                break
            end = at
            while end > start and PyUnicode_READ(kind, data, end - 1) in (c",", c":", c".", c"!", c"?"):
                end -= 1
            if end == start:
                break
            for at in range(start, end):
                key = added(key, LOWERED[PyUnicode_READ(kind, data, at)])
            if self.appeals.have(key):
                return True
            at = start
            while at < size and PyUnicode_READ(kind, data, at) != c" ":
                at += 1
            at += 1
            key = added(key, c" ")
        if PyUnicode_IS_COMPACT_ASCII(text):
            return (
                size <= QUESTION and memchr(data, c"?", size) != NULL
                and self.asks(<const unsigned char*>data, size)
            )
        for at in range(size):
            char = PyUnicode_READ(kind, data, at)
            if char == c"?" and size <= QUESTION or char >= 0x0E00 and is_spaceless(char):
                return True
        return False

    cdef bint asks(self, const unsigned char* data, Py_ssize_t size) noexcept:
        """Tell whether a sentence of a text in ASCII begins like an appeal, or a word like a label.

        Sentences and their words are those of appeals.py.
        """
        cdef Py_ssize_t at
        cdef int words = 0  # of the sentence, as far as two
        cdef unsigned char part
        cdef unsigned long long key = SEED, word = SEED
        for at in range(size + 1):
            if at < size and KEYED[data[at]]:
                word = added(word, LOWERED[data[at]])
            elif word != SEED and not (at < size and is_apostrophe(data, at, size)):
                if self.appeal_labels.have(word):
                    return True
                word = SEED
            part = PARTING[data[at]] if at < size else ENDS_SENTENCE
            if not part:
                if words < 2:
                    key = added(key, LOWERED[data[at]])
            elif words < 2 and at and not PARTING[data[at - 1]]:  # behind a word
                if self.appeals.have(key):
                    return True
                words += 1
                key = added(key, c" ")
            if part == ENDS_SENTENCE:
                words, key = 0, SEED
        return False

    cdef bint may_name_a_story(self, str text) noexcept:
        """Tell whether a block has a known label, a colon, and more that ends without a stop."""
        cdef Py_ssize_t size = len(text), at
        cdef int kind = PyUnicode_KIND(text)
        cdef void* data = PyUnicode_DATA(text)
        cdef unsigned char[STORY_LABEL] label
        cdef Py_UCS4 char
        cdef bint is_ascii = True
        if size > STORY or PyUnicode_READ(kind, data, size - 1) == c".":
            return False
        for at in range(min(size - 1, STORY_LABEL + 1)):
            char = PyUnicode_READ(kind, data, at)
            if char == c":" or char == 0xFF1A:
                return not is_ascii or self.stories.have(key_of(label, at))
            is_ascii = is_ascii and char < 128
            if at < STORY_LABEL:
                label[at] = <unsigned char>char
        return False


cdef unsigned long long key_of(const unsigned char* data, Py_ssize_t size) noexcept:
    """Hash the ``line_key`` of a text in ASCII."""
    cdef Py_ssize_t at
    cdef unsigned char char, last = 0
    cdef unsigned long long key = SEED
    cdef bint apart = False
    for at in range(size):
        char = KEYED[data[at]]
        if not char:
            apart = apart or not is_apostrophe(data, at, size)
            continue
        if not (char == c"0" and last == c"0"):
            if last and (apart or char == c"0" or last == c"0"):
                key = added(key, c" ")
            key = added(key, char)
            last = char
        apart = False
    return key


cdef inline bint is_apostrophe(
    const unsigned char* data, Py_ssize_t at, Py_ssize_t size
) noexcept:
    """Tell whether a character is one between two letters."""
    return (
        data[at] == c"'" and 0 < at < size - 1 and KEYED[data[at - 1]] and KEYED[data[at + 1]]
    )


cdef inline bint is_spaceless(Py_UCS4 char) noexcept:
    """Tell whether a character is one of ``phrases.SPACELESS``."""
    return (
        char <= 0x0EFF or 0x1000 <= char <= 0x109F or 0x1780 <= char <= 0x17FF
        or 0x3040 <= char <= 0x9FFF or 0xAC00 <= char <= 0xD7AF
    )


cdef unsigned long long SECRET = <unsigned long long>hash("any start") | 1


cdef unsigned long long start_hash(str text) except? 0:
    """Hash a text's ``folded_start``, as no page can foresee; it has ``START`` characters or more."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef unsigned char[START] start
    cdef Py_ssize_t at
    cdef Py_UCS4 char
    cdef bytes folded
    for at in range(START):
        char = PyUnicode_READ(kind, data, at)
        if char >= 128:
            folded = PyUnicode_Substring(text, 0, START).casefold()[:START].encode(
                "utf-8", "surrogatepass"
            )
            if len(folded) != START:
                return <unsigned long long>hash(folded)
            memcpy(start, <const unsigned char*>folded, START)
            break
        start[at] = LOWERED[char]
    return octet_hash(start, START, SECRET)


def begin_alike(list texts not None, list body not None, Py_ssize_t least):
    """Give the chosen texts of ``least`` characters or more that may begin like another of them.

    ``least`` is at least ``START``. Texts that are not given begin like none.
    """
    cdef Py_ssize_t room = 64, slot, at
    cdef unsigned long long key
    cdef unsigned long long* slots
    cdef Py_ssize_t* firsts  # the text of each slot; -1 when it is given
    cdef str text
    cdef list alike = []
    while room < 2 * len(body):
        room *= 2
    slots = <unsigned long long*>PyMem_Calloc(2 * room, sizeof(unsigned long long))
    if slots == NULL:
        raise MemoryError
    firsts = <Py_ssize_t*>(slots + room)
    try:
        for index in body:
            at = index
            text = texts[at]
            if len(text) < max(least, START):
                continue
            key = start_hash(text) or 1
            slot = key & (room - 1)
            while slots[slot] and slots[slot] != key:
                slot = (slot + 1) & (room - 1)
            if not slots[slot]:
                slots[slot], firsts[slot] = key, at
                continue
            if firsts[slot] >= 0:
                alike.append(texts[firsts[slot]])
                firsts[slot] = -1
            alike.append(text)
    finally:
        PyMem_Free(slots)
    return alike

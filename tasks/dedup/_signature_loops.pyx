# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""The signature of one text in one pass; stands for ``signatures._of_batch`` with equal results."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport uint8_t, uint16_t, uint64_t
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport memset

cdef enum:
    # bits of a character's class, as in character_classes.py
    WORD = 1
    DIGIT = 2
    UPPER = 4
    SPACELESS = 8
    BREAK = 16
    JOIN = 32
    IGNORED = 64
    MARK = 128
    # bits of a word; a number's and a spaceless letter's are those of its first character
    CAPITAL = 1
    BROKEN = 4
    KANA = 16
    NUMERAL = 32
    FACTS = 65536  # different facts
    FACT_WORDS = 1024  # of 64 bits

cdef uint64_t BASE = 6364136223846793005  # of tokens.py and signatures.py


cdef struct Token:
    uint64_t hash
    Py_ssize_t line
    uint8_t bits


cdef struct Facts:
    uint64_t[FACT_WORDS] bits


cdef inline uint64_t mixed(uint64_t value) noexcept:
    value ^= value >> 30
    value *= 0xBF58476D1CE4E5B9u
    value ^= value >> 27
    value *= 0x94D049BB133111EBu
    return value ^ (value >> 31)


cdef inline void add(Facts* facts, uint64_t value) noexcept:
    facts.bits[(value & 0xFFFF) >> 6] |= (<uint64_t>1) << (value & 63)


cdef inline bint has(Facts* facts, uint64_t value) noexcept:
    return (facts.bits[(value & 0xFFFF) >> 6] >> (value & 63)) & 1


cdef bytes listed(Facts* facts, uint16_t* sorted_facts):
    """Return the facts in order, two bytes each; ``sorted_facts`` is space for all of them."""
    cdef Py_ssize_t at, count = 0
    cdef uint64_t word
    cdef int bit
    for at in range(FACT_WORDS):
        word = facts.bits[at]
        bit = 0
        while word:
            if word & 1:
                sorted_facts[count] = <uint16_t>(64 * at + bit)
                count += 1
            word >>= 1
            bit += 1
    return PyBytes_FromStringAndSize(<char*>sorted_facts, count * sizeof(uint16_t))


cdef int ascending(const void* first, const void* second) noexcept nogil:
    cdef uint64_t a = (<const uint64_t*>first)[0], b = (<const uint64_t*>second)[0]
    return (a > b) - (a < b)


cdef void add_runs(
    Facts* facts, const Token* tokens, Py_ssize_t count, uint8_t bit, int least
) noexcept:
    """Add runs of at least ``least`` letters with a bit, within a line."""
    cdef Py_ssize_t at = 0, first
    cdef uint64_t total
    while at < count:
        if not tokens[at].bits & bit:
            at += 1
            continue
        first = at
        total = 0
        while at < count and tokens[at].bits & bit and tokens[at].line == tokens[first].line:
            total += mixed(tokens[at].hash + <uint64_t>(at - first))
            at += 1
        if at - first >= least:
            add(facts, mixed(total))


cdef Token* read_tokens(
    str text,
    const uint8_t* classes,
    const uint64_t* letters,
    const uint8_t* kana,
    const uint8_t* numerals,
    Py_ssize_t last_class,
    Py_ssize_t* found,
) except NULL:
    """Split a text into words. The caller frees them."""
    cdef Py_ssize_t size = len(text), at, count = 0, room = size // 4 + 16, line = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t code, following
    cdef uint8_t of_this, of_next, of_last = 0, before = 0
    cdef bint broken = True, is_second = False
    cdef uint64_t power = 1
    cdef Token* tokens = <Token*>malloc(room * sizeof(Token))
    cdef Token* larger
    if tokens == NULL:
        raise MemoryError
    following = min(<Py_ssize_t>PyUnicode_READ(kind, data, 0), last_class) if size else last_class
    of_next = classes[following]
    for at in range(size):
        code, of_this = following, of_next
        if at + 1 < size:
            following = min(<Py_ssize_t>PyUnicode_READ(kind, data, at + 1), last_class)
            of_next = classes[following]
        else:
            of_next = 0
        if of_this & IGNORED or (of_this & JOIN and before & DIGIT and of_next & DIGIT):
            before = of_this
            continue
        before = of_this
        if is_second:
            if not of_this & WORD:
                tokens[count - 1].bits &= ~CAPITAL
            is_second = False
        if of_this & BREAK:
            broken = True
        if code == 10:
            line += 1
        if of_this & WORD:
            if not of_last & WORD or (
                not of_this & MARK and (of_this & SPACELESS or of_last & SPACELESS)
            ):
                if count == room:
                    room *= 2
                    larger = <Token*>realloc(tokens, room * sizeof(Token))
                    if larger == NULL:
                        free(tokens)
                        raise MemoryError
                    tokens = larger
                tokens[count].hash = 0
                tokens[count].line = line
                tokens[count].bits = (
                    (of_this & (DIGIT | SPACELESS))
                    | (CAPITAL if of_this & UPPER else 0)
                    | (BROKEN if broken else 0)
                    | (KANA if kana[code] else 0)
                    | (NUMERAL if numerals[code] else 0)
                )
                count += 1
                power = 1
                broken = False
                is_second = True
            tokens[count - 1].hash += letters[code] * power
            power *= BASE
        of_last = of_this
    if is_second:
        tokens[count - 1].bits &= ~CAPITAL
    for at in range(count):
        tokens[at].hash = mixed(tokens[at].hash)
    found[0] = count
    return tokens


cdef Py_ssize_t select_prose(
    Token* tokens, Py_ssize_t count, double length, double long_line, double prose_share
) noexcept:
    """Move the words of long lines to the front, if the text has enough; return their number."""
    cdef Py_ssize_t at, first, end, selected = 0
    cdef double weight, prose = 0
    cdef int turn
    for turn in range(2):  # the first counts
        first = 0
        while first < count:
            end = first
            weight = 0
            while end < count and tokens[end].line == tokens[first].line:
                weight += 0.5 if tokens[end].bits & SPACELESS else 1.0
                end += 1
            if weight >= long_line:
                if turn == 0:
                    prose += weight
                else:
                    for at in range(first, end):
                        tokens[selected] = tokens[at]
                        selected += 1
            first = end
        if turn == 0 and prose / max(length, 1.0) < prose_share:
            return count
    return selected


def signature(
    str text not None,
    const uint8_t[::1] classes not None,
    const uint64_t[::1] letters not None,
    const uint8_t[::1] kana not None,
    const uint8_t[::1] numerals not None,
    tuple rules not None,
):
    """Return a text's length in words, and its shingles, numbers, names and openers as bytes.

    The tables are those of ``character_classes``; ``rules`` the constants of ``signatures``: words
    and letters of a shingle, the bound of those that are kept, words of a text with shingles, words
    of a long line, share of prose, letters of a run of Katakana and of numerals.
    """
    cdef int shingle, spaceless_shingle, kana_run, numeral_run, span, offset
    cdef uint64_t bound, total
    cdef double least_words, long_line, prose_share, length = 0
    (shingle, spaceless_shingle, bound, least_words, long_line, prose_share, kana_run,
     numeral_run) = rules
    cdef Py_ssize_t count = 0, at, kept = 0, last_class = classes.shape[0] - 1
    cdef uint64_t* shingles = NULL
    cdef Facts numbers, names, openers
    cdef uint16_t* sorted_facts = NULL
    cdef bytes packed
    cdef Token* tokens = read_tokens(
        text, &classes[0], &letters[0], &kana[0], &numerals[0], last_class, &count
    )
    try:
        sorted_facts = <uint16_t*>malloc(FACTS * sizeof(uint16_t))
        shingles = <uint64_t*>malloc((count + 1) * sizeof(uint64_t))
        if sorted_facts == NULL or shingles == NULL:
            raise MemoryError
        for at in range(count):
            length += 0.5 if tokens[at].bits & SPACELESS else 1.0
        count = select_prose(tokens, count, length, long_line, prose_share)
        if length >= least_words:
            for at in range(count):
                span = spaceless_shingle if tokens[at].bits & SPACELESS else shingle
                if at + span > count:
                    continue
                total = 0
                for offset in range(span):
                    total = total * BASE + tokens[at + offset].hash
                total = mixed(total)
                if total < bound:
                    shingles[kept] = total
                    kept += 1
            qsort(shingles, kept, sizeof(uint64_t), ascending)
            count_distinct(shingles, &kept)
        memset(&numbers, 0, sizeof(Facts))
        memset(&names, 0, sizeof(Facts))
        memset(&openers, 0, sizeof(Facts))
        for at in range(count):
            if tokens[at].bits & DIGIT:
                add(&numbers, tokens[at].hash)
            if tokens[at].bits & CAPITAL and not tokens[at].bits & BROKEN:
                add(&names, tokens[at].hash)
        for at in range(count):
            if (
                tokens[at].bits & CAPITAL and tokens[at].bits & BROKEN
                and not has(&names, tokens[at].hash)
            ):
                add(&openers, tokens[at].hash)
        add_runs(&numbers, tokens, count, NUMERAL, numeral_run)
        add_runs(&names, tokens, count, KANA, kana_run)
        packed = PyBytes_FromStringAndSize(<char*>shingles, kept * sizeof(uint64_t))
        return (
            length,
            packed,
            listed(&numbers, sorted_facts),
            listed(&names, sorted_facts),
            listed(&openers, sorted_facts),
        )
    finally:
        free(tokens)
        free(shingles)
        free(sorted_facts)


cdef void count_distinct(uint64_t* values, Py_ssize_t* count) noexcept:
    """Move the distinct ones of sorted values to the front, and count them."""
    cdef Py_ssize_t at, distinct = 0
    for at in range(count[0]):
        if at == 0 or values[at] != values[at - 1]:
            values[distinct] = values[at]
            distinct += 1
    count[0] = distinct

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Rows and chances, compiled: each function stands for one in Python and gives the same bits."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FindChar,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
)
from libc.math cimport INFINITY
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from tasks.cleaning.html import page as _page
from tasks.cleaning.html import phrases as _phrases
from tasks.cleaning.html import vocabulary as _vocabulary

cdef extern from "Python.h":
    ctypedef unsigned char Py_UCS1
    ctypedef unsigned short Py_UCS2

cdef long long UNSEEN = _page.UNSEEN
cdef dict SAID = _phrases.BITS, TAGS = _vocabulary.TAGS
cdef Py_ssize_t LONGEST = _phrases.LONGEST, LOOKED_AT = 300
cdef enum:
    CLASSES = 9
    PACKED_BITS = 7  # nine counts in 64 bits
    MOST_PACKED = 127
    LINES = CLASSES
    COLON, REPEATS, EARLIER, WORDS, TITLED, DESCRIBED, LENGTH, LINKED, STRONG, LINKS, IMAGES, TAG
    TRACES = 8192
    OF_FURNITURE = 1
    OF_TITLE = 2
    OF_SUMMARY = 4
    # Classes of characters, by their bit in characters.py.
    UPPER = 0
    LETTER, DIGIT, SPACE, END, PAUSE, QUOTE, SYMBOL, UNSPACED
    PARAGRAPH = 80  # as in features.py
    FIRST_HEADING = 6  # h1 to h6 among the numbers of tags
    LAST_HEADING = 11
    PHRASES = 13
    AROUND = 88  # columns that ``surround`` fills

# Whether a character is one of a word's, of ASCII; and the traces of all words that mean something:
# a word without a trace is none of them, which saves to look it up.
cdef unsigned char[128] IN_WORD
cdef unsigned char[TRACES] TRACED


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
    memset(TRACED, 0, TRACES)
    return leave_traces(SAID, TRACED, OF_FURNITURE)


prepare()


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
    cdef Py_ssize_t size = len(text), found = 0, at = -1
    while True:
        at = PyUnicode_FindChar(text, c"\n", at + 1, size, 1)
        if at < 0:
            return found
        found += 1


def measure(
    page not None, frozenset title not None, frozenset summary not None,
    const unsigned char[::1] table not None, const unsigned short[::1] combinations not None,
    float[:, ::1] figures not None, long long[:, ::1] ends not None,
):
    """Fill ``figures`` and the first and last character's classes; stands for ``texts.counted``."""
    cdef list texts = page.text, tags = page.containers.tag, lowered = []
    cdef const long long[::1] container = page.container, linked = page.linked
    cdef const long long[::1] strong = page.strong, links = page.links, images = page.images
    cdef Py_ssize_t index, at, size, start, stop, words, many
    cdef int found[CLASSES]
    cdef int kind, each, bit
    cdef unsigned long long together
    cdef void* data
    cdef Py_UCS4 char
    cdef long long said
    cdef str text, lower, word
    cdef dict seen = {}
    cdef set titled, described
    cdef object value
    cdef unsigned char[TRACES] traced
    cdef unsigned char found_in
    if not PACKED[0x10000]:
        pack(table, combinations)
    memcpy(traced, TRACED, TRACES)
    leave_traces(title, traced, OF_TITLE)
    leave_traces(summary, traced, OF_SUMMARY)
    for index in range(len(texts)):
        text = texts[index]
        size = len(text)
        figures[LENGTH, index] = size
        many = linked[index]
        figures[LINKED, index] = min(many, size)
        figures[STRONG, index] = strong[index]
        figures[LINKS, index] = links[index]
        figures[IMAGES, index] = images[index]
        value = TAGS.get(tags[container[index]])
        figures[TAG, index] = 0 if value is None else <int>value
        kind = PyUnicode_KIND(text)
        data = PyUnicode_DATA(text)
        for bit in range(CLASSES):
            found[bit] = 0
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
                found[bit] += <int>(together >> bit * PACKED_BITS & MOST_PACKED)
        for bit in range(CLASSES):
            figures[bit, index] = found[bit]
        char = PyUnicode_READ(kind, data, 0)
        ends[0, index] = combinations[table[char if char < 0x10000 else 0x10000]]
        char = PyUnicode_READ(kind, data, size - 1)
        ends[1, index] = combinations[table[char if char < 0x10000 else 0x10000]]
        figures[LINES, index] = count_lines(text)
        figures[COLON, index] = char == c":" or char == 0xFF1A
        lower = text.lower()
        lowered.append(lower)
        value = seen.get(lower)
        figures[EARLIER, index] = 0 if value is None else <Py_ssize_t>value
        seen[lower] = 1 if value is None else <Py_ssize_t>value + 1
        words = said = 0
        titled = described = None
        size = len(lower)
        if size <= LOOKED_AT:
            kind = PyUnicode_KIND(lower)
            data = PyUnicode_DATA(lower)
            start = at = 0
            while at < size:
                start = at
                char = PyUnicode_READ(kind, data, at)
                at += 1
                if IN_WORD[char] if char < 128 else char.isalnum():
                    while at < size:
                        char = PyUnicode_READ(kind, data, at)
                        if not (IN_WORD[char] if char < 128 else char.isalnum()):
                            break
                        at += 1
                elif char != 0xA9 and char != 0xAE:  # signs that are words
                    continue
                words += 1
                found_in = traced[trace(kind, data, start, at)]
                if not found_in:
                    continue
                word = PyUnicode_Substring(lower, start, at)
                if found_in & OF_FURNITURE:
                    value = SAID.get(word)
                    if value is not None:
                        said |= <long long>value
                if found_in & OF_TITLE and word in title:
                    if titled is None:
                        titled = set()
                    titled.add(word)
                if found_in & OF_SUMMARY and word in summary:
                    if described is None:
                        described = set()
                    described.add(word)
        figures[WORDS, index] = words
        figures[TITLED, index] = 0 if titled is None else len(titled)
        figures[DESCRIBED, index] = 0 if described is None else len(described)
        ends[2, index] = said if words <= LONGEST else 0
    for index in range(len(lowered)):
        figures[REPEATS, index] = <Py_ssize_t>seen[lowered[index]]


def describe(
    const float[:, ::1] figures not None, const long long[:, ::1] ends not None,
    const float[::1] in_body not None, Py_ssize_t title_words, bint summary, Py_ssize_t dates,
    Py_ssize_t around, float[:, ::1] blocks not None, float[:, ::1] out not None,
):
    """Fill the columns of text, words, place, section and neighbours, and what ``surround`` counts.

    They stand before and behind those of ``surround``, which begin at ``around``. Gives the
    length of all text, that of long text, and the headline's block or -1. Stands for the methods
    of ``features``; sums that are kept there in 32 bits are here, too.
    """
    cdef Py_ssize_t size = figures.shape[1], at, row = 0, index, each, headline = -1, low, high
    cdef Py_ssize_t head, step, found
    cdef const float* length = &figures[LENGTH, 0]
    cdef double text = 0, mass = 0, all_mass
    cdef float one, two, words, before = 0, gathered = 0, title = <float>max(1, title_words)
    cdef float like, best = <float>0.7, share = <float>0.4
    cdef int rank = 0, this
    cdef float spaces, letters
    cdef double* running = <double*>malloc((size + 1) * sizeof(double))
    cdef double[3] sums
    if running == NULL:
        raise MemoryError
    try:
        running[0] = 0
        for at in range(size):
            one = figures[LINKED, at] / length[at]
            blocks[0, at] = figures[TAG, at]
            blocks[1, at] = length[at]
            blocks[2, at] = figures[LINKED, at]
            blocks[3, at] = length[at] if length[at] > PARAGRAPH and one < share else 0
            blocks[4, at] = 1
            blocks[5, at] = figures[END, at]
            blocks[6, at] = FIRST_HEADING <= figures[TAG, at] <= LAST_HEADING
            text += length[at]
            mass += blocks[3, at]
            gathered += blocks[3, at]
            running[at + 1] = gathered
        all_mass = max(1.0, mass)
        for at in range(size):
            spaces = figures[SPACE, at]
            letters = figures[LETTER, at]
            words = spaces + 1 + figures[UNSPACED, at] / 2
            out[0, at] = length[at]
            out[1, at] = words
            out[2, at] = (length[at] - spaces) / words
            out[3, at] = figures[UPPER, at] / (letters + 1)
            out[4, at] = letters / length[at]
            out[5, at] = figures[DIGIT, at] / length[at]
            out[6, at] = figures[SYMBOL, at] / length[at]
            out[7, at] = figures[END, at]
            out[8, at] = figures[PAUSE, at]
            out[9, at] = length[at] / (figures[END, at] + 1)
            out[10, at] = figures[QUOTE, at]
            out[11, at] = ends[1, at] >> END & 1
            out[12, at] = ends[1, at] >> QUOTE & 1
            out[13, at] = ends[1, at] >> PAUSE & 1
            out[14, at] = ends[1, at] >> LETTER & 1
            out[15, at] = ends[1, at] >> DIGIT & 1
            out[16, at] = ends[0, at] >> UPPER & 1
            out[17, at] = ends[0, at] >> LETTER & 1
            out[18, at] = ends[0, at] >> DIGIT & 1
            out[19, at] = figures[COLON, at]
            out[20, at] = figures[LINES, at]
            out[21, at] = figures[LINKED, at] / length[at]
            out[22, at] = figures[LINKS, at]
            out[23, at] = min(figures[STRONG, at] / length[at], <float>1)
            out[24, at] = figures[IMAGES, at]
            words = max(figures[WORDS, at], <float>1)
            out[25, at] = figures[REPEATS, at]
            out[26, at] = figures[EARLIER, at]
            out[27, at] = figures[DESCRIBED, at] / words if summary else <float>-1
            out[28, at] = in_body[at]
            out[29, at] = figures[TITLED, at] / title
            like = out[29, at] * min(title / words, <float>1)
            out[30, at] = like
            # The headline: an h1 that reads like the title, else a block that does, else an h1.
            this = 2 * (like >= best) + (figures[TAG, at] == FIRST_HEADING)
            if this > rank:
                rank = this
                headline = at
            for each in range(PHRASES):
                out[31 + each, at] = ends[2, at] >> each & 1
        row = 31 + PHRASES
        if row + 13 != around:
            raise ValueError("the compiled loops are of another version than the columns")
        for at in range(size):
            before += length[at]
            out[row, at] = <float>at / <float>size
            out[row + 1, at] = at
            out[row + 2, at] = size - at
            out[row + 3, at] = before / <float>text
            out[row + 4, at] = <float>(running[at] / all_mass)
            out[row + 5, at] = <float>(1 - running[at + 1] / all_mass)
            out[row + 6, at] = size
            out[row + 7, at] = <float>text
            out[row + 8, at] = <float>(mass / text)
            out[row + 9, at] = at - headline if headline >= 0 else -999
            for each in range(2):
                step = 12 if each else 4
                low = max(0, at - step)
                high = min(size, at + step + 1)
                out[row + 11 + each, at] = <float>((running[high] - running[low]) / all_mass)
        for at in range(size):
            out[row + 10, at] = (
                out[row + 3, at] - out[row + 3, headline] if headline >= 0 else <float>-2
            )
        row = around + AROUND
        # Sections: from a heading up to the next one.
        at = 0
        while at < size:
            head = at
            sums[0] = sums[1] = sums[2] = 0
            while True:
                sums[0] += length[at]
                sums[1] += blocks[2, at]
                sums[2] += blocks[3, at]
                at += 1
                if at == size or blocks[6, at]:
                    break
            found = blocks[6, head] > 0
            for index in range(head, at):
                out[row, index] = index - head if found else -1
                out[row + 1, index] = figures[TAG, head] if found else 0
                out[row + 2, index] = found and ends[2, head] & ~(1 << dates) != 0
                out[row + 3, index] = out[21, head] if found else -1
                out[row + 4, index] = length[head] if found else 0
                out[row + 5, index] = <float>sums[0]
                out[row + 6, index] = <float>(sums[1] / max(1.0, sums[0]))
                out[row + 7, index] = <float>(sums[2] / max(1.0, sums[0]))
                out[row + 8, index] = at - head
        row += 9
        for step in (-3, -2, -1, 1, 2, 3):
            for index in range(size):
                at = index + step
                if 0 <= at < size:
                    out[row, index] = length[at]
                    out[row + 1, index] = out[21, at]
                    out[row + 2, index] = figures[TAG, at]
                    out[row + 3, index] = ends[1, at] >> END & 1
                    out[row + 4, index] = ends[2, at] > 0
                else:
                    for each in range(5):
                        out[row + each, index] = -1
            row += 5
    finally:
        free(running)
    return text, all_mass, headline


def add_leaves(
    const float[:, ::1] columns not None, const long long[:, ::1] column not None,
    const float[:, ::1] border not None, const float[:, ::1] leaves not None,
    double[::1] score not None,
):
    """Add each tree's leaf to the rows' scores; stands for the sums of ``Forest``."""
    cdef Py_ssize_t size = score.shape[0], trees = column.shape[1], levels = column.shape[0]
    cdef Py_ssize_t tree, level, step, at
    cdef const float* values[3]
    cdef const float* own
    cdef float least[3]
    cdef int* leaf
    if not size:
        return
    leaf = <int*>malloc(size * sizeof(int))
    if leaf == NULL:
        raise MemoryError
    for tree in range(trees):
        memset(leaf, 0, size * sizeof(int))
        # Three questions at once: it takes a quarter of the time that one after the other does.
        for level in range(0, levels, 3):
            for step in range(3):
                values[step] = &columns[0, 0]
                least[step] = INFINITY
                if level + step < levels:
                    values[step] = &columns[column[level + step, tree], 0]
                    least[step] = border[level + step, tree]
            _ask(leaf, size, level, values, least)
        own = &leaves[tree, 0]
        for at in range(size):
            score[at] += own[leaf[at]]
    free(leaf)


cdef inline void _ask(
    int* leaf, Py_ssize_t size, Py_ssize_t level, const float** values, float* least
) noexcept:
    cdef Py_ssize_t at
    cdef const float* one = values[0]
    cdef const float* two = values[1]
    cdef const float* three = values[2]
    cdef float first = least[0], second = least[1], third = least[2]
    cdef int bit = 1 << level
    for at in range(size):
        leaf[at] |= (
            (bit if one[at] > first else 0)
            | (2 * bit if two[at] > second else 0)
            | (4 * bit if three[at] > third else 0)
        )


cdef enum:
    LEVELS = 5
    SUMS = 6
    TOLD = 7


cdef struct Box:
    Py_ssize_t parent
    Py_ssize_t end  # behind the last container in it
    Py_ssize_t depth
    Py_ssize_t held  # blocks
    Py_ssize_t top
    Py_ssize_t key
    long long groups  # of the chain that it is the top of
    long long inherited
    double sums[SUMS]


cdef int number_makes(Box* held, Py_ssize_t count, const long long[::1] keys) except -1:
    """Number each container's make, as the first container of that make is."""
    cdef Py_ssize_t room = 64, at, slot
    cdef Py_ssize_t* slots
    while room < 2 * count:
        room *= 2
    slots = <Py_ssize_t*>calloc(room, sizeof(Py_ssize_t))  # 0: free, else a container's plus one
    if slots == NULL:
        raise MemoryError
    for at in range(count):
        slot = <Py_ssize_t>(<unsigned long long>keys[at] & <unsigned long long>(room - 1))
        while slots[slot] and keys[slots[slot] - 1] != keys[at]:
            slot = (slot + 1) & (room - 1)
        if not slots[slot]:
            slots[slot] = at + 1
        held[at].key = slots[slot] - 1
    free(slots)
    return 0


def surround(
    page not None, const float[:, ::1] blocks not None, double text, double mass,
    Py_ssize_t headline, Py_ssize_t landmarks, Py_ssize_t groups, float[:, ::1] out not None,
):
    """Fill the columns about what is around the blocks; stands for ``features._of_surroundings``.

    ``blocks`` are (7, blocks): tag, length, characters in links, mass, one, ends, heading.
    """
    boxes = page.containers
    cdef const long long[::1] container = page.container, inline = page.inline
    cdef const long long[::1] parents = boxes.parent, depths = boxes.depth
    cdef const long long[::1] marks = boxes.landmarks, own = boxes.groups
    cdef const long long[::1] keys = boxes.key
    cdef Py_ssize_t size = len(container), count = len(parents), at, above, level, row, each, index
    cdef Py_ssize_t first, end, deepest, box
    cdef long long bits
    cdef float share, whole = <float>text, all_mass = <float>mass, least, many, hops
    cdef double* likes = NULL
    cdef Box* held = <Box*>calloc(max(1, count), sizeof(Box))
    cdef Py_ssize_t* levels = <Py_ssize_t*>malloc(max(1, size * LEVELS) * sizeof(Py_ssize_t))
    cdef Box* one
    cdef long long[LEVELS + 2] sources
    try:
        if held == NULL or levels == NULL:
            raise MemoryError
        # What each holds: children stand after their parents.
        for at in range(count):
            one = &held[at]
            one.parent = parents[at]
            one.depth = depths[at]
            one.groups = own[at]
            one.end = 1
        number_makes(held, count, keys)
        for index in range(size):
            one = &held[container[index]]
            one.held += 1
            for each in range(SUMS):
                one.sums[each] += blocks[each + 1, index]
        for at in range(count - 1, 0, -1):
            one = &held[at]
            above = one.parent
            held[above].held += one.held
            held[above].end += one.end
            for each in range(SUMS):
                held[above].sums[each] += one.sums[each]
        held[0].parent = 0
        for at in range(1, count):
            one = &held[at]
            one.end += at
            above = one.parent
            if one.held == held[above].held:
                one.top = held[above].top
                held[one.top].groups |= own[at]
            else:
                one.top = at
        held[0].inherited = held[0].groups
        for at in range(1, count):
            held[at].inherited = held[at].groups | held[held[at].parent].inherited
        for index in range(size):
            at = held[container[index]].top
            for level in range(LEVELS):
                levels[index * LEVELS + level] = at
                at = held[held[at].parent].top
        # Landmarks and class names: how many containers up the nearest one of a group is.
        for index in range(size):
            box = container[index]
            out[0, index] = blocks[0, index]
            bits = marks[box]
            for each in range(landmarks):
                out[1 + each, index] = bits >> each & 1
            bits = inline[index]
            row = 1 + landmarks
            out[row, index] = (bits & UNSEEN) != 0
            row += 1
            sources[0] = bits
            for level in range(LEVELS):
                sources[1 + level] = held[levels[index * LEVELS + level]].groups
            sources[LEVELS + 1] = held[box].inherited
            for each in range(groups):
                hops = LEVELS + 1
                for level in range(LEVELS + 2):
                    if sources[level] >> each & 1:
                        hops = level - 1
                        break
                out[row + each, index] = hops
            row += groups
            out[row, index] = held[box].depth
            out[row + 1, index] = <float>held[box].sums[3]
        row = 1 + landmarks + 1 + groups + 2
        # What the containers hold.
        for index in range(size):
            for level in range(1, LEVELS):
                one = &held[levels[index * LEVELS + level]]
                many = max(<float>1, <float>one.sums[3])
                each = row + (level - 1) * TOLD
                out[each, index] = <float>one.sums[0] / whole
                out[each + 1, index] = <float>one.sums[1] / max(<float>1, <float>one.sums[0])
                out[each + 2, index] = <float>one.sums[2] / all_mass
                out[each + 3, index] = <float>one.sums[3]
                out[each + 4, index] = <float>one.sums[0] / many
                out[each + 5, index] = <float>one.sums[4] / many
                out[each + 6, index] = <float>one.sums[5] / many
        row += (LEVELS - 1) * TOLD
        # The deepest container with a share of all text mass.
        for each in range(3):
            least = <float>((40, 60, 85)[each] / 100.0 * mass)
            first = 0
            deepest = -1
            for at in range(count):
                if held[at].depth > deepest and <float>held[at].sums[2] >= least:
                    first = at
                    deepest = held[at].depth
            end = held[first].end
            for index in range(size):
                box = container[index]
                out[row, index] = first <= box < end
                hops = LEVELS
                for level in range(LEVELS):
                    at = levels[index * LEVELS + level]
                    if at <= first and held[at].end >= end:
                        hops = level
                        break
                out[row + 1, index] = hops
            row += 2
        if headline < 0:
            out[row, :] = -1
        else:
            box = container[headline]
            for index in range(size):
                share = 1
                for level in range(LEVELS):
                    at = levels[index * LEVELS + level]
                    if at <= box < held[at].end:
                        share = <float>held[at].sums[0] / whole
                        break
                out[row, index] = share
        row += 1
        # Siblings of one make: how many hold text, how much, how much of it in links.
        likes = <double*>calloc(max(1, 3 * count), sizeof(double))
        if likes == NULL:
            raise MemoryError
        for at in range(count):
            one = &held[at]
            if one.sums[3] > 0:
                likes[3 * one.key] += 1
                likes[3 * one.key + 1] += <float>one.sums[0]
                likes[3 * one.key + 2] += <float>one.sums[1]
        for index in range(size):
            for level in range(3):
                each = 3 * held[levels[index * LEVELS + level]].key
                at = row + 3 * level
                out[at, index] = <float>likes[each]
                out[at + 1, index] = <float>(likes[each + 1] / max(1.0, likes[each]))
                out[at + 2, index] = <float>(likes[each + 2] / max(1.0, likes[each + 1]))
    finally:
        free(held)
        free(levels)
        free(likes)

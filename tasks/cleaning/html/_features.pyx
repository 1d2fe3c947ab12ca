# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Columns of texts, places and neighbours; stands for ``features._Table``, gives the same bits."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from libc.stdlib cimport free, malloc

from copydesk.tasks.cleaning.html import character_counts as _characters

include "figures.pxi"

cdef float EXTRA = _characters.EXTRA

cdef enum:
    PARAGRAPH = 80  # as in features.py
    FIRST_HEADING = 6  # h1 to h6 among the numbers of tags
    LAST_HEADING = 11
    PHRASES = 13
    # Columns, as features.py has them.
    LINK_SHARE = 21
    OF_TEXT = 31 + PHRASES
    OF_PLACE = 13
    AROUND = 88  # those of ``_surroundings``
    OF_SECTION = 9


cdef struct Sums:
    double text
    double mass  # of long text
    double* running  # mass before each block


def describe(
    const float[:, ::1] figures not None, const long long[:, ::1] ends not None,
    const float[::1] in_body not None, Py_ssize_t title_words, bint summary, Py_ssize_t dates,
    Py_ssize_t around, float[:, ::1] blocks not None, float[:, ::1] out not None,
):
    """Fill the columns of text, words, place, section and neighbours, and what ``surround`` counts.

    They stand before and behind those of ``surround``, which begin at ``around``. Gives the
    length of all text, that of long text, and the headline's block or -1. Sums that are kept in
    32 bits in Python are here, too.
    """
    cdef Py_ssize_t row = OF_TEXT, headline
    cdef Sums sums
    sums.text = sums.mass = 0
    if row + OF_PLACE != around:
        raise ValueError("the compiled loops are of another version than the columns")
    sums.running = <double*>malloc((figures.shape[1] + 1) * sizeof(double))
    if sums.running == NULL:
        raise MemoryError
    try:
        add_up(figures, blocks, &sums)
        of_text(figures, ends, out)
        headline = of_words(figures, ends, in_body, title_words, summary, out)
        of_place(figures, &sums, headline, out[row:])
    finally:
        free(sums.running)
    row = around + AROUND
    of_section(figures, ends, blocks, out[LINK_SHARE], dates, out[row:])
    row += OF_SECTION
    of_neighbours(figures, ends, out[LINK_SHARE], out[row:])
    return sums.text, max(1.0, sums.mass), headline


cdef int add_up(const float[:, ::1] figures, float[:, ::1] blocks, Sums* sums) noexcept:
    """Fill ``blocks`` and add up all text, and long text with few links (mass)."""
    cdef const float* length = &figures[LENGTH, 0]
    cdef float link_share, gathered = 0, share = <float>0.4
    cdef Py_ssize_t at
    sums.running[0] = 0
    for at in range(figures.shape[1]):
        link_share = figures[LINKED, at] / length[at]
        blocks[0, at] = figures[TAG, at]
        blocks[1, at] = length[at]
        blocks[2, at] = figures[LINKED, at]
        blocks[3, at] = length[at] if length[at] > PARAGRAPH and link_share < share else 0
        blocks[4, at] = 1
        blocks[5, at] = figures[END, at]
        blocks[6, at] = FIRST_HEADING <= figures[TAG, at] <= LAST_HEADING
        sums.text += length[at]
        sums.mass += blocks[3, at]
        gathered += blocks[3, at]
        sums.running[at + 1] = gathered
    return 0


cdef int of_text(
    const float[:, ::1] figures, const long long[:, ::1] ends, float[:, ::1] out
) noexcept:
    cdef const float* length = &figures[LENGTH, 0]
    cdef float words, spaces, letters
    cdef Py_ssize_t at
    for at in range(figures.shape[1]):
        spaces = figures[SPACE, at]
        letters = figures[LETTER, at]
        words = spaces + 1 + figures[UNSPACED, at] / 2
        out[0, at] = length[at]
        out[1, at] = words
        out[2, at] = (length[at] - spaces) / words
        out[3, at] = figures[UPPER, at] / (letters + 1)
        out[4, at] = (letters + EXTRA * figures[DENSE, at]) / length[at]
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
        out[LINK_SHARE, at] = figures[LINKED, at] / length[at]
        out[22, at] = figures[LINKS, at]
        out[23, at] = min(figures[STRONG, at] / length[at], <float>1)
        out[24, at] = figures[IMAGES, at]
    return 0


cdef Py_ssize_t of_words(
    const float[:, ::1] figures, const long long[:, ::1] ends, const float[::1] in_body,
    Py_ssize_t title_words, bint summary, float[:, ::1] out,
) noexcept:
    """Give the headline: an h1 that reads like the title, else a block that does, else an h1."""
    cdef float words, like, best = <float>0.7, title = <float>max(1, title_words)
    cdef Py_ssize_t at, each, headline = -1
    cdef int rank = 0, this
    for at in range(figures.shape[1]):
        words = max(figures[WORDS, at], <float>1)
        out[25, at] = figures[REPEATS, at]
        out[26, at] = figures[EARLIER, at]
        out[27, at] = figures[DESCRIBED, at] / words if summary else <float>-1
        out[28, at] = in_body[at]
        out[29, at] = figures[TITLED, at] / title
        like = out[29, at] * min(title / words, <float>1)
        out[30, at] = like
        this = 2 * (like >= best) + (figures[TAG, at] == FIRST_HEADING)
        if this > rank:
            rank = this
            headline = at
        for each in range(PHRASES):
            out[31 + each, at] = ends[2, at] >> each & 1
    return headline


cdef int of_place(
    const float[:, ::1] figures, Sums* sums, Py_ssize_t headline, float[:, ::1] out
) noexcept:
    cdef const float* length = &figures[LENGTH, 0]
    cdef const double* running = sums.running
    cdef double text = sums.text, all_mass = max(1.0, sums.mass)
    cdef float before = 0
    cdef Py_ssize_t size = figures.shape[1], at, each, step, low, high
    for at in range(size):
        before += length[at]
        out[0, at] = <float>at / <float>size
        out[1, at] = at
        out[2, at] = size - at
        out[3, at] = before / <float>text
        out[4, at] = <float>(running[at] / all_mass)
        out[5, at] = <float>(1 - running[at + 1] / all_mass)
        out[6, at] = size
        out[7, at] = <float>text
        out[8, at] = <float>(sums.mass / text)
        out[9, at] = at - headline if headline >= 0 else -999
        for each in range(2):
            step = 12 if each else 4
            low = max(0, at - step)
            high = min(size, at + step + 1)
            out[11 + each, at] = <float>((running[high] - running[low]) / all_mass)
    for at in range(size):
        out[10, at] = out[3, at] - out[3, headline] if headline >= 0 else <float>-2
    return 0


cdef int of_section(
    const float[:, ::1] figures, const long long[:, ::1] ends, const float[:, ::1] blocks,
    const float[::1] links, Py_ssize_t dates, float[:, ::1] out,
) noexcept:
    """Describe the section that each block is in: from a heading up to the next one."""
    cdef const float* length = &figures[LENGTH, 0]
    cdef Py_ssize_t size = figures.shape[1], at = 0, head, index
    cdef double[3] sums
    cdef bint has_heading
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
        has_heading = blocks[6, head] > 0
        for index in range(head, at):
            out[0, index] = index - head if has_heading else -1
            out[1, index] = figures[TAG, head] if has_heading else 0
            out[2, index] = has_heading and ends[2, head] & ~(1 << dates) != 0
            out[3, index] = links[head] if has_heading else -1
            out[4, index] = length[head] if has_heading else 0
            out[5, index] = <float>sums[0]
            out[6, index] = <float>(sums[1] / max(1.0, sums[0]))
            out[7, index] = <float>(sums[2] / max(1.0, sums[0]))
            out[8, index] = at - head
    return 0


cdef int of_neighbours(
    const float[:, ::1] figures, const long long[:, ::1] ends, const float[::1] links,
    float[:, ::1] out,
) noexcept:
    cdef const float* length = &figures[LENGTH, 0]
    cdef Py_ssize_t size = figures.shape[1], row = 0, index, at, each, step
    for step in (-3, -2, -1, 1, 2, 3):
        for index in range(size):
            at = index + step
            if 0 <= at < size:
                out[row, index] = length[at]
                out[row + 1, index] = links[at]
                out[row + 2, index] = figures[TAG, at]
                out[row + 3, index] = ends[1, at] >> END & 1
                out[row + 4, index] = ends[2, at] > 0
            else:
                for each in range(5):
                    out[row + each, index] = -1
        row += 5
    return 0

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Columns of features over a text's lines; each stands for functions in Python with equal bits."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from libc.math cimport rint
from libc.stdlib cimport calloc, free, malloc

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ

cdef enum:
    FAR = 99  # as in measures.py
    GRID = 4096  # as in topic.py
    ADDRESSED = 300  # as in measures.py
    WIDE_COLON = 0xFF1A


def window_means(
    const double[:, ::1] values not None, reaches not None, float[:, ::1] means not None
):
    """Fill a row for each row of values and each reach; stands for ``measures.windowed``."""
    cdef Py_ssize_t row, reach, at, low, high, filled = 0, count = values.shape[1]
    cdef double* sums = <double*>malloc((count + 1) * sizeof(double))
    if sums == NULL:
        raise MemoryError
    sums[0] = 0
    for row in range(values.shape[0]):
        for at in range(count):
            sums[at + 1] = sums[at] + values[row, at]
        for reach in reaches:
            for at in range(count):
                low = max(0, at - reach)
                high = min(count, at + reach + 1)
                means[filled, at] = <float>((sums[high] - sums[low]) / <double>(high - low))
            filled += 1
    free(sums)


def shifted_rows(const float[:, ::1] values not None, steps not None, float[:, ::1] moved not None):
    """Fill a row for each (row of values, step); stands for ``measures.shifted``."""
    cdef Py_ssize_t row, step, at, filled = 0, count = values.shape[1]
    for row, step in steps:
        for at in range(count):
            moved[filled, at] = values[row, at + step] if 0 <= at + step < count else -1
        filled += 1


def streaks(const unsigned char[::1] flags not None, float[:, ::1] lengths not None):
    """Fill the streaks above and below, with the flag and without; stands for ``streak``."""
    cdef Py_ssize_t at, count = flags.shape[0]
    cdef float flagged = 0, unflagged = 0
    for at in range(count):
        lengths[0, at] = flagged
        lengths[2, at] = unflagged
        flagged = flagged + 1 if flags[at] else 0
        unflagged = 0 if flags[at] else unflagged + 1
    flagged = unflagged = 0
    for at in range(count - 1, -1, -1):
        lengths[1, at] = flagged
        lengths[3, at] = unflagged
        flagged = flagged + 1 if flags[at] else 0
        unflagged = 0 if flags[at] else unflagged + 1


def near_flags(const unsigned char[:, ::1] flags not None, float[:, :, ::1] figures not None):
    """Fill four figures for each row of flags; stands for ``measures.near_flags``."""
    cdef Py_ssize_t row, at, last, counted, count = flags.shape[1]
    for row in range(flags.shape[0]):
        last = -FAR
        counted = 0
        for at in range(count):
            if flags[row, at]:
                last = at
                counted += 1
            figures[row, 0, at] = min(at - last, FAR)
            figures[row, 2, at] = counted
        last = count + FAR
        counted = 0
        for at in range(count - 1, -1, -1):
            if flags[row, at]:
                last = at
                counted += 1
            figures[row, 1, at] = min(last - at, FAR)
            figures[row, 3, at] = counted


def heaviest(const double[::1] worth not None):
    """Return the run with the largest sum; stands for ``measures.heaviest``."""
    cdef Py_ssize_t at, first = 0, last = 0, lowest_at = 0
    cdef double total = 0, lowest = 0, best = 0
    for at in range(worth.shape[0]):
        total += worth[at]
        if total < lowest:
            lowest = total
            lowest_at = at + 1
        if total - lowest > best:
            best = total - lowest
            first = lowest_at
            last = at + 1
    return first, last


def topic_shares(
    const long long[::1] term not None, const long long[::1] line not None,
    const double[::1] rarity not None, const long long[::1] frequency not None,
    const float[::1] chance not None, double[:, ::1] shares not None,
):
    """Fill the shares inside and outside; stands for ``topic._shares``."""
    cdef Py_ssize_t each, number, at, terms = rarity.shape[0], count = chance.shape[0]
    cdef double part
    cdef double* likely = <double*>calloc(terms + count + 1, sizeof(double))
    cdef double* total = likely + terms
    if likely == NULL:
        raise MemoryError
    shares[:, :] = 0
    for each in range(term.shape[0]):
        likely[term[each]] += chance[line[each]]
    for each in range(term.shape[0]):
        number = term[each]
        at = line[each]
        total[at] += rarity[number]
        part = likely[number] - chance[at]
        shares[0, at] += rarity[number] * (rint(min(1.0, part) * GRID) / GRID)
        part = (frequency[number] - likely[number]) - <float>(1 - chance[at])
        shares[1, at] += rarity[number] * (rint(min(1.0, part) * GRID) / GRID)
    for at in range(count):
        if total[at] == 0:
            shares[0, at] = shares[1, at] = -1
        else:
            shares[0, at] /= total[at] + 1e-9
            shares[1, at] /= total[at] + 1e-9
    free(likely)


def fill_lines(
    lines not None, float[:, ::1] figures not None, unsigned char[:, ::1] flags not None
):
    """Fill what is known of each line; stands for ``measures.line_figures``."""
    cdef Py_ssize_t at = 0, size
    cdef Py_UCS4 last
    cdef str text
    for line in lines:
        text = line.text
        size = len(text)
        last = PyUnicode_READ(PyUnicode_KIND(text), PyUnicode_DATA(text), size - 1)
        figures[0, at] = size
        figures[1, at] = line.size
        figures[2, at] = line.words
        figures[3, at] = line.gap
        figures[4, at] = line.indent
        flags[0, at] = line.terminal
        flags[1, at] = line.marked
        flags[2, at] = last == c":" or last == WIDE_COLON
        flags[3, at] = may_have_address(text)
        at += 1


cdef bint may_have_address(str text) noexcept:
    """Return whether a line's beginning has one of the marks of ``measures.may_have_address``."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t at, size = min(len(text), ADDRESSED)
    cdef Py_UCS4 char
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        if char == c"@" or char == c"#":
            return True
        if at + 4 <= size and (
            char == c"w" and follow(kind, data, at, c"w", c"w", c".")
            or char == c"h" and follow(kind, data, at, c"t", c"t", c"p")
        ):
            return True
    return False


cdef inline bint follow(
    int kind, void* data, Py_ssize_t at, Py_UCS4 second, Py_UCS4 third, Py_UCS4 fourth
) noexcept:
    return (
        PyUnicode_READ(kind, data, at + 1) == second
        and PyUnicode_READ(kind, data, at + 2) == third
        and PyUnicode_READ(kind, data, at + 3) == fourth
    )


def fill_scores(
    line_scores not None, dict ranks not None, dict shapes not None, float[:, ::1] figures not None
):
    """Fill what the rules say of each line; stands for ``features._score_figures``."""
    cdef Py_ssize_t at = 0
    for line_score in line_scores:
        figures[0, at] = line_score.score
        figures[1, at] = line_score.date
        figures[2, at] = line_score.prose
        figures[3, at] = line_score.time
        figures[4, at] = shapes.get(line_score.rule, 0)
        match = line_score.match
        if match is None:
            figures[5, at] = figures[6, at] = 0
        else:
            figures[5, at] = ranks[match.kind]
            figures[6, at] = match.letters
        at += 1


def fill_repeats(list keys not None, float[:, ::1] figures not None):
    """Fill how often each key occurs, and how often before; stands for ``measures.repeats``."""
    cdef Py_ssize_t at, earlier
    cdef dict times = {}
    cdef object key, value
    for at in range(len(keys)):
        key = keys[at]
        value = times.get(key)
        earlier = 0 if value is None else value
        figures[1, at] = earlier
        times[key] = earlier + 1
    for at in range(len(keys)):
        figures[0, at] = times[keys[at]]

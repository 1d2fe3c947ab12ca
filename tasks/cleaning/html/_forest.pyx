# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""The sums of a forest in whole numbers; stands for ``model.Forest._sums`` and gives the same bits.

Each value is replaced by the number of its column's borders that it is above, an octet, so that a
question is asked of 16 rows at once. Leaves are multiples of ``1 / GRID``, so that sums are exact.
"""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.string cimport memcpy, memset

import numpy as np

cdef extern from *:
    """
    #if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error "octets are put together as on little-endian machines"
    #endif
    #ifdef __SSE__
    #include <xmmintrin.h>
    #endif
    enum { ROWS = 128, LANES = 16, TOGETHER = 4, AT_ONCE = 3, LOWEST = -128 };
    typedef float Floats __attribute__((vector_size(16)));
    typedef unsigned int Words __attribute__((vector_size(16)));
    typedef signed char Octets __attribute__((vector_size(16)));

    static void add_bounds(Floats value, Floats *low, Floats *high) {
    #ifdef __SSE__  /* the compiler does not see that it is these instructions */
        *low = _mm_min_ps(value, *low);
        *high = _mm_max_ps(value, *high);
    #else
        Words less = (Words)(value < *low), more = (Words)(value > *high);
        *low = (Floats)(((Words)value & less) | ((Words)*low & ~less));
        *high = (Floats)(((Words)value & more) | ((Words)*high & ~more));
    #endif
    }

    /* Count the sorted borders that each value is above, from LOWEST. Of 16 values those 0, 4, 8
       and 12 come first, then 1, 5, 9 and 13 …: so they need no more than to be shifted. */
    static void count_borders(
        const float *values, const float *borders, int many, int rows, signed char *out
    ) {
        const Words lowest = {0x80808080u, 0x80808080u, 0x80808080u, 0x80808080u};
        Floats low, high, value[4];
        unsigned int first = 0, last = many;
        memcpy(&low, values, sizeof low);
        high = low;
        for (int at = 4; at < rows; at += 4) {
            memcpy(value, values + at, sizeof low);
            add_bounds(value[0], &low, &high);
        }
        for (int lane = 1; lane < 4; lane++) {
            if (low[lane] < low[0]) low[0] = low[lane];
            if (high[lane] > high[0]) high[0] = high[lane];
        }
        while (first < last && borders[first] < low[0]) first++;
        while (last > first && !(borders[last - 1] < high[0])) last--;
        for (int at = 0; at < rows; at += LANES) {
            Words base = {first, first, first, first}, count[4] = {base, base, base, base};
            memcpy(value, values + at, sizeof value);
            for (unsigned int each = first; each < last; each++) {
                float limit = borders[each];
                Floats border = {limit, limit, limit, limit};
                count[0] -= (Words)(value[0] > border);
                count[1] -= (Words)(value[1] > border);
                count[2] -= (Words)(value[2] > border);
                count[3] -= (Words)(value[3] > border);
            }
            count[0] |= count[1] << 8 | count[2] << 16 | count[3] << 24;
            count[0] ^= lowest;
            memcpy(out + at, count, LANES);
        }
    }

    #define EACH(octet) {octet, octet, octet, octet, octet, octet, octet, octet, \
                         octet, octet, octet, octet, octet, octet, octet, octet}

    /* Number the leaf of a tree that each row comes to. */
    static void find_leaves(
        const signed char *numbers, const int *column, const signed char *border, int questions,
        int rows, unsigned char *out
    ) {
        for (int first = questions - AT_ONCE; first >= 0; first -= AT_ONCE) {
            const signed char *values0 = numbers + column[first] * ROWS;
            const signed char *values1 = numbers + column[first + 1] * ROWS;
            const signed char *values2 = numbers + column[first + 2] * ROWS;
            Octets least0 = EACH(border[first]), least1 = EACH(border[first + 1]);
            Octets least2 = EACH(border[first + 2]), leaf, number0, number1, number2;
            for (int at = 0; at < rows; at += LANES) {
                memset(&leaf, 0, LANES);
                if (first + AT_ONCE < questions) memcpy(&leaf, out + at, LANES);
                memcpy(&number0, values0 + at, LANES);
                memcpy(&number1, values1 + at, LANES);
                memcpy(&number2, values2 + at, LANES);
                leaf = leaf + leaf - (Octets)(number2 > least2);
                leaf = leaf + leaf - (Octets)(number1 > least1);
                leaf = leaf + leaf - (Octets)(number0 > least0);
                memcpy(out + at, &leaf, LANES);
            }
        }
    }

    static void add_leaves(
        const signed char *numbers, const int *column, const signed char *border,
        const int *leaves, int trees, int levels, int questions, int rows, int *sums
    ) {
        unsigned char leaf[TOGETHER][ROWS];
        const int *values[TOGETHER];
        for (int tree = 0, each; tree < trees; tree += each) {
            for (each = 0; each < TOGETHER && tree + each < trees; each++) {
                int first = (tree + each) * questions;
                find_leaves(numbers, column + first, border + first, questions, rows, leaf[each]);
                values[each] = leaves + ((size_t)(tree + each) << levels);
                for (int at = 0; at < 1 << levels; at += 16)  /* soon: those of later trees */
                    __builtin_prefetch(values[each] + ((size_t)TOGETHER << levels) + at);
            }
            if (each == TOGETHER)
                for (int at = 0; at < rows; at++)
                    sums[at] += values[0][leaf[0][at]] + values[1][leaf[1][at]]
                              + values[2][leaf[2][at]] + values[3][leaf[3][at]];
            else
                for (int one = 0; one < each; one++)
                    for (int at = 0; at < rows; at++) sums[at] += values[one][leaf[one][at]];
        }
    }
    """
    enum:
        ROWS
        LANES
        AT_ONCE
        LOWEST
    void count_borders(const float*, const float*, int, int, signed char*) noexcept
    void add_leaves(
        const signed char*, const int*, const signed char*, const int*, int, int, int, int, int*
    ) noexcept

cdef double GRID = 1 << 20  # as in model.py
cdef enum:
    LEVELS = 8  # at most, as a leaf's number is an octet
    BORDERS = 255  # of a column, at most


cdef class Trees:
    """A forest's questions and leaves as the loops read them.

    ``column`` and ``border`` are (levels, trees), ``leaves`` (trees, 2**levels). Raises ValueError
    if their numbers are too many or too exact.
    """

    cdef int trees, levels, questions, used
    cdef const int[::1] columns  # that questions are asked of
    cdef const int[::1] starts  # of each one's borders, and their end
    cdef const float[::1] borders
    cdef const int[::1] question_columns  # by their places among those
    cdef const signed char[::1] question_borders
    cdef const int[::1] leaves

    def __init__(self, column not None, border not None, leaves not None):
        self.levels, self.trees = column.shape
        more = ((0, (AT_ONCE - self.levels % AT_ONCE) % AT_ONCE), (0, 0))  # that no value is above
        column = np.pad(column, more)
        border = np.pad(border, more, constant_values=np.inf)
        self.questions = len(column)
        questions, limits = column.T.ravel(), border.T.ravel()
        order = np.lexsort((limits, questions))
        questions, limits = questions[order], limits[order]
        last = len(order) - 1
        new_column = np.append(True, questions[1:] != questions[:last])
        new_border = np.append(True, limits[1:] != limits[:last]) | new_column
        asked, number = new_column.cumsum() - 1, new_border.cumsum() - 1
        starts = np.append(number[new_column], new_border.sum())
        whole = leaves.astype(np.float64) * GRID
        if (
            self.levels > LEVELS or np.diff(starts).max() > BORDERS
            or (whole != np.rint(whole)).any() or np.abs(whole).max(axis=1).sum() >= 2**31
        ):
            raise ValueError("the forest has too many levels, borders or digits")
        self.columns = questions[new_column].astype(np.intc)
        self.used = self.columns.shape[0]
        self.starts = starts.astype(np.intc)
        self.borders = limits[new_border].astype(np.float32)
        by_tree = order.argsort()
        self.question_columns = asked[by_tree].astype(np.intc)
        self.question_borders = (number - starts[asked] + LOWEST)[by_tree].astype(np.int8)
        self.leaves = whole.astype(np.intc).ravel()

    def chance(self, const float[:, ::1] rows not None, double bias):
        """Give the rows' probabilities; stands for ``model.Forest.chance``.

        ``rows`` are finite, (columns, rows).
        """
        cdef Py_ssize_t size = rows.shape[1], at
        cdef double[::1] score
        cdef float[::1] chance
        scores, chances = np.empty(size), np.empty(size, np.float32)
        score, chance = scores, chances
        self.add_leaves(rows, score)
        for at in range(size):
            score[at] = -min(max(score[at] + bias, -30.0), 30.0)
        np.exp(scores, scores)  # C's may give other bits
        for at in range(size):
            chance[at] = <float>(1 / (1 + score[at]))
        return chances

    cdef int add_leaves(self, const float[:, ::1] rows, double[::1] score) except -1:
        cdef Py_ssize_t start, at
        cdef int size, padded, each
        cdef float[ROWS] values
        cdef int[ROWS] sums
        cdef signed char* numbers = <signed char*>PyMem_Malloc(self.used * ROWS)
        if numbers == NULL:
            raise MemoryError
        for start in range(0, score.shape[0], ROWS):
            size = <int>min(<Py_ssize_t>ROWS, score.shape[0] - start)
            padded = (size + LANES - 1) // LANES * LANES  # as the loops read
            for each in range(self.used):
                memcpy(values, &rows[self.columns[each], start], size * sizeof(float))
                for at in range(size, padded):
                    values[at] = values[0]
                count_borders(
                    values, &self.borders[self.starts[each]],
                    self.starts[each + 1] - self.starts[each], padded, numbers + each * ROWS,
                )
            memset(sums, 0, sizeof(sums))
            add_leaves(
                numbers, &self.question_columns[0], &self.question_borders[0], &self.leaves[0],
                self.trees, self.levels, self.questions, padded, sums,
            )
            for at in range(size):  # see ``count_borders``
                score[start + at] = sums[(at & ~15) + 4 * (at & 3) + (at >> 2 & 3)] / GRID
        PyMem_Free(numbers)

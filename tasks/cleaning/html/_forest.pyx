# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""The sums of a forest; stands for ``model.Forest._sums`` and gives the same bits."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from libc.math cimport INFINITY
from libc.stdlib cimport free, malloc
from libc.string cimport memset


cdef enum:
    TOGETHER = 4  # trees whose leaves are added at once


def add_leaves(
    const float[:, ::1] columns not None, const long long[:, ::1] column not None,
    const float[:, ::1] border not None, const float[:, ::1] leaves not None,
    double[::1] score not None,
):
    """Add each tree's leaf to the rows' scores; stands for the sums of ``Forest``."""
    cdef Py_ssize_t size = score.shape[0], trees = column.shape[1], levels = column.shape[0]
    cdef Py_ssize_t tree, level, step, at, each
    cdef const float* values[3]
    cdef const float* leaf_values[TOGETHER]
    cdef float least[3]
    cdef int* leaf
    cdef int* own_leaf
    if size == 1:
        score[0] = add_to_one(columns, column, border, leaves, score[0])
    if size <= 1:
        return
    leaf = <int*>malloc(TOGETHER * size * sizeof(int))
    if leaf == NULL:
        raise MemoryError
    for tree in range(trees):
        each = tree % TOGETHER
        own_leaf = leaf + each * size
        leaf_values[each] = &leaves[tree, 0]
        memset(own_leaf, 0, size * sizeof(int))
        # Three questions at once: it takes a quarter of the time that one after the other does.
        for level in range(0, levels, 3):
            for step in range(3):
                values[step] = &columns[0, 0]
                least[step] = INFINITY
                if level + step < levels:
                    values[step] = &columns[column[level + step, tree], 0]
                    least[step] = border[level + step, tree]
            _split(own_leaf, size, level, values, least)
        if each == TOGETHER - 1:  # sums are exact, so that their order does not matter
            for at in range(size):
                score[at] += (
                    <double>leaf_values[0][leaf[at]] + <double>leaf_values[1][leaf[size + at]]
                    + <double>leaf_values[2][leaf[2 * size + at]]
                    + <double>leaf_values[3][leaf[3 * size + at]]
                )
        elif tree == trees - 1:
            for step in range(each + 1):
                for at in range(size):
                    score[at] += leaf_values[step][leaf[step * size + at]]
    free(leaf)


cdef double add_to_one(
    const float[:, ::1] columns, const long long[:, ::1] column, const float[:, ::1] border,
    const float[:, ::1] leaves, double score,
) noexcept:
    """Add the leaves of a single row, a page's."""
    cdef Py_ssize_t tree, level
    cdef int leaf
    for tree in range(column.shape[1]):
        leaf = 0
        for level in range(column.shape[0]):
            leaf |= (columns[column[level, tree], 0] > border[level, tree]) << level
        score += leaves[tree, leaf]
    return score


cdef inline void _split(
    int* leaf, Py_ssize_t size, Py_ssize_t level, const float** values, float* least
) noexcept:
    cdef Py_ssize_t at
    cdef const float* first_column = values[0]
    cdef const float* second_column = values[1]
    cdef const float* third_column = values[2]
    cdef float first_border = least[0], second_border = least[1], third_border = least[2]
    cdef int bit = 1 << level
    for at in range(size):
        leaf[at] |= (
            (bit if first_column[at] > first_border else 0)
            | (2 * bit if second_column[at] > second_border else 0)
            | (4 * bit if third_column[at] > third_border else 0)
        )

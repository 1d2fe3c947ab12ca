# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Figures of candidates for a title; stands for ``title_context.Context`` with equal results."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

cdef enum:  # as in title_context.py
    STEM = 5
    LEAST_KEY = 9
    LEAST_NAME = 3
    MOST_TIMES = 20
    MOST_REST = 9


def fill_figures(
    list items not None, list keys not None, list words_of not None, context not None,
    const long long[::1] in_body not None, const double[::1] rarity not None,
    const unsigned char[::1] inside not None, const long long[::1] lines_with not None,
    double[:, ::1] figures not None,
):
    """Fill a row for each candidate, its key and its set of words; see ``Context.figures_of``."""
    cdef dict numbers = context.numbers, stems = context.stems
    cdef dict times = context.times, times_above = context.times_above
    cdef set address = context.address, opening = context.opening, words
    cdef str all_keys = context.all_keys, opening_key = context.opening_key
    cdef str host = context.host, label = context.label
    cdef str key, text, remainder, word
    cdef double body_lines = context.body_lines, weight, present, rare
    cdef long long number, bodies, stemmed
    cdef Py_ssize_t at, size, by_address, by_opening, by_text, exact, above, occurrences
    cdef object value
    for at in range(len(items)):
        item = items[at]
        text, remainder = item.text, item.remainder
        key, words = keys[at], words_of[at]
        by_address = by_opening = by_text = bodies = stemmed = 0
        weight = present = 0
        for word in words:
            by_address += word in address
            by_opening += word in opening
            value = stems.get(word[:STEM])
            if value is not None:
                stemmed += <long long>value
            value = numbers.get(word)
            if value is None:
                continue
            number = value
            by_text += inside[number]
            bodies += in_body[number]
            rare = rarity[number]
            weight += rare
            if in_body[number]:
                present += rare
        size = max(1, len(words))
        exact, above = times.get(key, 0), times_above.get(key, 0)
        occurrences = exact
        if len(key) >= LEAST_KEY and not stands_alone(key, exact, numbers, lines_with):
            occurrences = all_keys.count(key)
        exact, above = min(MOST_TIMES, exact), min(MOST_TIMES, above)
        figures[at, 0] = item.part
        figures[at, 1] = len(text)
        figures[at, 2] = key.count(" ") + 1
        figures[at, 3] = <double>by_address / len(address) if address else -1
        figures[at, 4] = <double>by_address / size if address else -1
        figures[at, 5] = <double>by_text / size
        figures[at, 6] = <double>by_opening / size
        figures[at, 7] = exact
        figures[at, 8] = above
        figures[at, 9] = exact - above
        figures[at, 10] = occurrences - exact if len(key) >= LEAST_KEY else 0
        figures[at, 11] = key == opening_key
        figures[at, 12] = item.separator
        figures[at, 13] = remainder.count(" ") + 1 if remainder else 0
        figures[at, 14] = min(MOST_REST, all_keys.count(remainder)) if remainder else 0
        figures[at, 15] = text.isupper()
        figures[at, 16] = bodies / (size * body_lines)
        figures[at, 17] = present / weight if weight else 0
        figures[at, 18] = stemmed / (size * body_lines)
        figures[at, 19] = text.endswith(("…", "..."))
        figures[at, 20] = in_host(key, host, label)
        figures[at, 21] = in_host(remainder, host, label) if remainder else -1


cdef bint stands_alone(
    str key, Py_ssize_t times, dict numbers, const long long[::1] lines_with
):
    """Return whether no other line contains a key; stands for ``Context._stands_alone``."""
    cdef object value
    cdef str word
    for word in key.split(" ")[1:-1]:
        value = numbers.get(word)
        if value is not None and lines_with[<long long>value] == times:
            return True
    return False


cdef int in_host(str key, str host, str label):
    """Stands for ``Context._in_host``."""
    cdef str name
    if not host:
        return -1
    name = key.replace(" ", "")
    return len(name) >= LEAST_NAME and (name in host or label in name)


def stems_of(dict numbers not None, const long long[::1] in_body not None):
    """Return the greatest number of each stem; stands for ``title_context._stems_of``."""
    cdef dict stems = {}
    cdef str word, stem
    cdef object earlier
    cdef long long number, lines
    for word, value in numbers.items():
        number = value
        lines = in_body[number]
        if lines:
            stem = word[:STEM] if len(word) > STEM else word
            earlier = stems.get(stem)
            if earlier is None or <long long>earlier < lines:
                stems[stem] = lines
    return stems

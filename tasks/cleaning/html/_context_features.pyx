# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Columns of what is around the blocks; stands for ``surroundings`` and gives the same bits."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from libc.stdlib cimport calloc, free, malloc

from copydesk.tasks.cleaning.html import page as _page

cdef long long UNSEEN = _page.UNSEEN
cdef enum:
    LEVELS = 5  # containers above a block, as in layout.py
    SUMS = 6
    OF_CONTAINER = 7  # columns a level


cdef struct Box:
    Py_ssize_t parent
    Py_ssize_t end  # behind the last container in it
    Py_ssize_t depth
    Py_ssize_t block_count  # blocks
    Py_ssize_t top
    Py_ssize_t key
    long long groups  # of the chain that it is the top of
    long long inherited
    double sums[SUMS]


cdef int number_makes(Box* containers, Py_ssize_t count, const long long[::1] keys) except -1:
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
        containers[at].key = slots[slot] - 1
    free(slots)
    return 0


cdef int hold(
    Box* containers, Py_ssize_t count, boxes, const long long[::1] container,
    const float[:, ::1] blocks,
) except -1:
    """Fill in what each container holds, its chain and its class names; children follow parents."""
    cdef const long long[::1] parents = boxes.parent, depths = boxes.depth
    cdef const long long[::1] class_groups = boxes.groups, keys = boxes.key
    cdef Py_ssize_t at, above, each, index
    cdef Box* current
    for at in range(count):
        current = &containers[at]
        current.parent = parents[at]
        current.depth = depths[at]
        current.groups = class_groups[at]
        current.end = 1
    number_makes(containers, count, keys)
    for index in range(len(container)):
        current = &containers[container[index]]
        current.block_count += 1
        for each in range(SUMS):
            current.sums[each] += blocks[each + 1, index]
    for at in range(count - 1, 0, -1):
        current = &containers[at]
        above = current.parent
        containers[above].block_count += current.block_count
        containers[above].end += current.end
        for each in range(SUMS):
            containers[above].sums[each] += current.sums[each]
    containers[0].parent = 0
    for at in range(1, count):
        current = &containers[at]
        current.end += at
        above = current.parent
        if current.block_count == containers[above].block_count:
            current.top = containers[above].top
            containers[current.top].groups |= class_groups[at]
        else:
            current.top = at
    containers[0].inherited = containers[0].groups
    for at in range(1, count):
        current = &containers[at]
        current.inherited = current.groups | containers[current.parent].inherited
    return 0


cdef int find_levels(Box* containers, const long long[::1] container, Py_ssize_t* levels) noexcept:
    """Find the tops of the chains of containers above each block."""
    cdef Py_ssize_t index, level, at
    for index in range(container.shape[0]):
        at = containers[container[index]].top
        for level in range(LEVELS):
            levels[index * LEVELS + level] = at
            at = containers[containers[at].parent].top
    return 0


cdef int of_landmarks(
    Box* containers, Py_ssize_t* levels, page, Py_ssize_t landmarks, Py_ssize_t groups,
    const float[::1] tags, float[:, ::1] out,
) except -1:
    """Tell landmarks, and how many containers up the nearest class name of a group is."""
    cdef const long long[::1] container = page.container, inline = page.inline
    cdef const long long[::1] marks = page.containers.landmarks
    cdef Py_ssize_t index, each, level, row = 2 + landmarks, box
    cdef long long bits, met, all_groups = (<long long>1 << groups) - 1
    out[row : row + groups, :] = LEVELS + 1
    for index in range(len(container)):
        box = container[index]
        out[0, index] = tags[index]
        bits = marks[box]
        for each in range(landmarks):
            out[1 + each, index] = bits >> each & 1
        bits = inline[index]
        out[row - 1, index] = (bits & UNSEEN) != 0
        met = 0
        for level in range(-1, LEVELS + 1):
            if level == LEVELS:
                bits = containers[box].inherited
            elif level >= 0:
                bits = containers[levels[index * LEVELS + level]].groups
            bits &= all_groups & ~met
            met |= bits
            each = row
            while bits:  # few blocks have many
                if bits & 1:
                    out[each, index] = level
                bits >>= 1
                each += 1
    return 0


cdef int of_containers(
    Box* containers, Py_ssize_t* levels, const long long[::1] container, float whole,
    float all_mass,
    float[:, ::1] out,
) noexcept:
    cdef Py_ssize_t index, level, row
    cdef float block_count
    cdef Box* current
    for index in range(container.shape[0]):
        current = &containers[container[index]]
        out[0, index] = current.depth
        out[1, index] = <float>current.sums[3]
        for level in range(1, LEVELS):
            current = &containers[levels[index * LEVELS + level]]
            block_count = max(<float>1, <float>current.sums[3])
            row = 2 + (level - 1) * OF_CONTAINER
            out[row, index] = <float>current.sums[0] / whole
            out[row + 1, index] = <float>current.sums[1] / max(<float>1, <float>current.sums[0])
            out[row + 2, index] = <float>current.sums[2] / all_mass
            out[row + 3, index] = <float>current.sums[3]
            out[row + 4, index] = <float>current.sums[0] / block_count
            out[row + 5, index] = <float>current.sums[4] / block_count
            out[row + 6, index] = <float>current.sums[5] / block_count
    return 0


cdef int of_core(
    Box* containers, Py_ssize_t count, Py_ssize_t* levels, const long long[::1] container,
    double mass,
    int percent, float[:, ::1] out,
) noexcept:
    """Tell how far a block is from the deepest container with a share of all text mass."""
    cdef float least = <float>(percent / 100.0 * mass), hops
    cdef Py_ssize_t first = 0, deepest = -1, at, index, level, end
    for at in range(count):
        if containers[at].depth > deepest and <float>containers[at].sums[2] >= least:
            first = at
            deepest = containers[at].depth
    end = containers[first].end
    for index in range(container.shape[0]):
        out[0, index] = first <= container[index] < end
        hops = LEVELS
        for level in range(LEVELS):
            at = levels[index * LEVELS + level]
            if at <= first and containers[at].end >= end:
                hops = level
                break
        out[1, index] = hops
    return 0


cdef int of_headline(
    Box* containers, Py_ssize_t* levels, const long long[::1] container, Py_ssize_t headline,
    float whole, float[::1] out,
) noexcept:
    """Tell how much of all text the nearest container holds that a block shares with the headline."""
    cdef Py_ssize_t index, level, at, box
    cdef float share
    if headline < 0:
        out[:] = -1
        return 0
    box = container[headline]
    for index in range(container.shape[0]):
        share = 1
        for level in range(LEVELS):
            at = levels[index * LEVELS + level]
            if at <= box < containers[at].end:
                share = <float>containers[at].sums[0] / whole
                break
        out[index] = share
    return 0


cdef int of_siblings(
    Box* containers, Py_ssize_t count, Py_ssize_t* levels, Py_ssize_t size, float[:, ::1] out
) except -1:
    """Tell of containers of one make how many hold text, how much, and how much of it in links."""
    cdef double* likes = <double*>calloc(max(1, 3 * count), sizeof(double))
    cdef Py_ssize_t at, index, level, each
    cdef Box* current
    if likes == NULL:
        raise MemoryError
    for at in range(count):
        current = &containers[at]
        if current.sums[3] > 0:
            likes[3 * current.key] += 1
            likes[3 * current.key + 1] += <float>current.sums[0]
            likes[3 * current.key + 2] += <float>current.sums[1]
    for index in range(size):
        for level in range(3):
            each = 3 * containers[levels[index * LEVELS + level]].key
            out[3 * level, index] = <float>likes[each]
            out[3 * level + 1, index] = <float>(likes[each + 1] / max(1.0, likes[each]))
            out[3 * level + 2, index] = <float>(likes[each + 2] / max(1.0, likes[each + 1]))
    free(likes)
    return 0


def surround(
    page not None, const float[:, ::1] blocks not None, double text, double mass,
    Py_ssize_t headline, Py_ssize_t landmarks, Py_ssize_t groups, float[:, ::1] out not None,
):
    """Fill the columns about what is around the blocks.

    ``blocks`` are (7, blocks): tag, length, characters in links, mass, one, ends, heading.
    """
    cdef const long long[::1] container = page.container
    cdef Py_ssize_t size = len(container), count = len(page.containers.parent), row
    cdef int percent
    cdef Box* containers = <Box*>calloc(max(1, count), sizeof(Box))
    cdef Py_ssize_t* levels = <Py_ssize_t*>malloc(max(1, size * LEVELS) * sizeof(Py_ssize_t))
    try:
        if containers == NULL or levels == NULL:
            raise MemoryError
        hold(containers, count, page.containers, container, blocks)
        find_levels(containers, container, levels)
        of_landmarks(containers, levels, page, landmarks, groups, blocks[0], out)
        row = 1 + landmarks + 1 + groups
        of_containers(containers, levels, container, <float>text, <float>mass, out[row:])
        row += 2 + (LEVELS - 1) * OF_CONTAINER
        for percent in (40, 60, 85):
            of_core(containers, count, levels, container, mass, percent, out[row:])
            row += 2
        of_headline(containers, levels, container, headline, <float>text, out[row])
        of_siblings(containers, count, levels, size, out[row + 1:])
    finally:
        free(containers)
        free(levels)


# What encloses a container without the article's start; see ``surroundings.Surroundings``.
cdef enum:
    IN_COMMENTS, OF_AUTHOR, IN_FORM, WITH_FORM, ON_BRANCH, IN_ARTICLE
    ENCLOSING

cdef struct Enclosed:
    int[ENCLOSING] by
    bint is_trunk
    bint holds_form
    bint is_asked  # it holds a chosen block


def enclose(
    page not None, Py_ssize_t start, list body not None, long long comment, long long author,
    long long landmarks, frozenset lines not None, around not None,
):
    """Fill the surroundings of the chosen blocks; stands for ``surroundings.enclose``."""
    cdef const long long[::1] container = page.container, parents = page.containers.parent
    cdef const long long[::1] groups = page.containers.groups, marks = page.containers.landmarks
    cdef list tags = page.containers.tag
    cdef tuple columns = tuple(around)
    cdef Py_ssize_t count = len(tags), at, article = -1
    cdef int each
    cdef object index
    cdef Enclosed* boxes = <Enclosed*>calloc(max(1, count), sizeof(Enclosed))
    if boxes == NULL:
        raise MemoryError
    try:
        at = container[start]
        while at >= 0:
            boxes[at].is_trunk = True
            if article < 0 and <str>tags[at] == "article":
                article = at
            at = parents[at]
        for at in range(1, count):
            if <str>tags[at] == "form":
                boxes[parents[at]].holds_form = True
        for index in body:
            at = container[<Py_ssize_t>index]
            while at >= 0 and not boxes[at].is_asked:
                boxes[at].is_asked = True
                at = parents[at]
        for at in range(count):
            if not boxes[at].is_asked:
                continue
            if boxes[at].is_trunk:
                for each in range(ENCLOSING):
                    boxes[at].by[each] = -1
                if 0 <= article <= at:
                    boxes[at].by[IN_ARTICLE] = <int>article
            else:
                for each in range(ENCLOSING):
                    boxes[at].by[each] = boxes[parents[at]].by[each]
                add_own(&boxes[at], <int>at, groups[at] & comment != 0, groups[at] & author != 0,
                        <str>tags[at], lines)
        for index in body:
            at = container[<Py_ssize_t>index]
            for each in range(ENCLOSING):
                if boxes[at].by[each] >= 0:
                    (<dict>columns[each])[index] = boxes[at].by[each]
            if marks[at] & landmarks:
                (<dict>columns[ENCLOSING])[index] = marks[at] & landmarks
    finally:
        free(boxes)


cdef inline int add_own(
    Enclosed* box, int at, bint comments, bint author, str tag, frozenset lines
) except -1:
    """Add what a container is itself to what encloses it."""
    cdef bint form = tag == "form"
    if not (comments or author or form or box.holds_form):
        if box.by[ON_BRANCH] < 0 and tag not in lines:
            box.by[ON_BRANCH] = at
        return 0
    if comments and box.by[IN_COMMENTS] < 0:
        box.by[IN_COMMENTS] = at
    if author and box.by[OF_AUTHOR] < 0:
        box.by[OF_AUTHOR] = at
    if form and box.by[IN_FORM] < 0:
        box.by[IN_FORM] = at
    if box.holds_form and box.by[WITH_FORM] < 0:
        box.by[WITH_FORM] = at
    if box.by[ON_BRANCH] < 0:
        box.by[ON_BRANCH] = at
    return 0

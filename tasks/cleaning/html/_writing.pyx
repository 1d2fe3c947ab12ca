# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Writing chosen blocks as text and as Markdown; stands for ``render``'s functions, step by step."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FindChar,
    PyUnicode_KIND,
    PyUnicode_New,
    PyUnicode_READ,
    PyUnicode_Substring,
    PyUnicode_WRITE,
)
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

from copydesk.tasks.cleaning.html import page as _page

cdef extern from "Python.h":
    bint Py_UNICODE_ISDECIMAL(Py_UCS4)

cdef Py_ssize_t MAX_ADDRESS = _page.MAX_ADDRESS

# ``render.PieceKind``; 0 is unknown.
cdef enum:
    PARAGRAPH = 1
    HEADING, ITEM, CELL, QUOTE, CODE, CAPTION

cdef dict MAKERS = {
    "pre": CODE, "figcaption": CAPTION, "caption": CAPTION, "li": ITEM, "blockquote": QUOTE,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), HEADING),
}
cdef frozenset LISTS = frozenset(("ul", "ol", "menu"))

cdef struct Form:
    int kind
    bint ordered
    Py_ssize_t level, owner, group

cdef struct OpenList:
    Py_ssize_t group, number, width  # a width of 0: none is open
    bint ordered


cdef class Pieces:
    """The blocks to write, as ``render.pieces_of`` gives them."""

    cdef Form* forms
    cdef Py_ssize_t count
    cdef list texts, links  # of each: its text, and its links or None
    cdef object guard

    def __cinit__(self, Py_ssize_t most, guard):
        self.forms = <Form*>calloc(most + 1, sizeof(Form))
        if self.forms == NULL:
            raise MemoryError
        self.texts, self.links, self.guard = [], [], guard

    def __dealloc__(self):
        free(self.forms)

    cdef int add(self, Form form, str text, list links) except -1:
        """Add a block, to the one before it if that is of the same cell."""
        cdef Form* last
        cdef str before
        cdef list shifted
        cdef Py_ssize_t behind, start, end, at = self.count - 1
        if form.kind == CELL and at >= 0:
            last = &self.forms[at]
            if last.kind == CELL and last.level == form.level and last.owner == form.owner:
                before = <str>self.texts[at]
                if links is not None:
                    behind = len(before) + 1
                    shifted = [(start + behind, end + behind, to) for start, end, to in links]
                    self.links[at] = (self.links[at] or []) + shifted
                self.texts[at] = f"{before} {text}"
                return 0
        self.forms[self.count] = form
        self.count += 1
        self.texts.append(text)
        self.links.append(links)
        return 0

    cdef str text(self):
        """Stands for ``render.body_text``."""
        cdef list parts = []
        cdef Py_ssize_t at, column = 0
        cdef Form* form
        cdef Form* before = NULL
        cdef bint alike, same, close
        for at in range(self.count):
            form = &self.forms[at]
            alike = before != NULL and before.kind == form.kind
            same = alike and before.owner == form.owner
            if form.kind == CELL:
                parts.append(" | " if same else "\n" if alike else "\n\n")
                parts.append("| " * (form.level - (column if same else 0) - same))
                column = form.level
            else:
                close = alike and (form.kind == ITEM or (same and form.kind == CODE))
                parts.append("\n" if close else "\n\n")
                if form.kind == ITEM and (before == NULL or before.owner != form.owner):
                    parts.append("- ")
            parts.append(self.texts[at])
            before = form
        return "".join(parts[1:])

    cdef str markdown(self):
        """Stands for ``render.markdown``."""
        cdef list parts = []
        cdef Py_ssize_t first = 0, end
        while first < self.count:
            end = first + 1
            while end < self.count and self.belongs(first, end):
                end += 1
            parts.append(self.passage(first, end))
            first = end
        return "\n\n".join(parts)

    cdef bint belongs(self, Py_ssize_t first, Py_ssize_t at) noexcept:
        cdef Form* before = &self.forms[first]
        cdef Form* form = &self.forms[at]
        if form.kind != before.kind:
            return False
        if form.kind == CELL:
            return form.group == before.group
        if form.kind == QUOTE or form.kind == CODE:
            return form.owner == before.owner
        return form.kind == ITEM

    cdef str passage(self, Py_ssize_t first, Py_ssize_t end):
        """Write blocks that belong together."""
        cdef int kind = self.forms[first].kind
        cdef str line
        if kind == PARAGRAPH:
            return self.escaped(first)
        if kind == ITEM:
            return self.items(first, end)
        if kind == CELL:
            return self.rows(first, end)
        if kind == HEADING:
            line = with_links(<str>self.texts[first], <list>self.links[first])
            return f"{'#' * self.forms[first].level} " + line.replace("\n", " ")
        if kind == CAPTION:
            return f"*{self.escaped(first)}*"
        if kind == QUOTE:
            line = "\n\n".join([self.escaped(at) for at in range(first, end)])
            return "\n".join([f"> {each}".rstrip() for each in line.split("\n")])
        line = "\n".join(self.texts[first:end])
        fence = "```"
        while fence in line:
            fence += "`"
        return f"{fence}\n{line}\n{fence}"

    cdef str escaped(self, Py_ssize_t at):
        return escaped(<str>self.texts[at], <list>self.links[at], self.guard)

    cdef str items(self, Py_ssize_t first, Py_ssize_t end):
        """Stands for ``render._items``."""
        cdef list lines = []
        cdef Py_ssize_t at, level, each, owner = -1, indent
        cdef Py_ssize_t least = self.forms[first].level, highest = least, before
        cdef Form* form
        cdef OpenList* lists
        cdef OpenList* last
        cdef str marker, text
        for at in range(first, end):
            least = min(least, self.forms[at].level)
            highest = max(highest, self.forms[at].level)
        lists = <OpenList*>calloc(highest - least + 1, sizeof(OpenList))
        if lists == NULL:
            raise MemoryError
        before = least
        try:
            for at in range(first, end):
                form = &self.forms[at]
                level = form.level - least
                for each in range(level + 1, before - least + 1):
                    lists[each].width = 0  # what it held is closed
                before = form.level
                indent = 0
                for each in range(level):
                    indent += lists[each].width
                last = &lists[level]
                if form.owner == owner:
                    lines.append("")
                    marker = " " * last.width
                else:
                    if last.width and last.group == form.group and last.ordered == form.ordered:
                        last.number += 1
                    else:
                        last.number = 1
                    marker = f"{last.number}. " if form.ordered else "-  "
                    last.group, last.ordered, last.width = form.group, form.ordered, len(marker)
                owner = form.owner
                text = self.escaped(at)
                if PyUnicode_FindChar(text, c"\n", 0, len(text), 1) >= 0:
                    text = text.replace("\n", "\n" + " " * (indent + len(marker)))
                lines.append(f"{' ' * indent}{marker}{text}" if indent else marker + text)
        finally:
            free(lists)
        return "\n".join(lines)

    cdef str rows(self, Py_ssize_t first, Py_ssize_t end):
        """Stands for ``render._rows``."""
        cdef list rows = [], row = None, lines
        cdef Py_ssize_t at, owner = -2, width = 0
        cdef Form* form
        cdef str text
        for at in range(first, end):
            form = &self.forms[at]
            if form.owner != owner:
                row = []
                rows.append(row)
                owner = form.owner
            row += [""] * (form.level - len(row))
            text = with_links(<str>self.texts[at], <list>self.links[at])
            row.append(text.replace("\n", " ").replace("|", r"\|"))
            width = max(width, len(row))
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        lines.insert(1, "|" + " --- |" * width)
        return "\n".join(lines)


def written(
    page not None, indexes not None, dict cells not None, str origin not None, resolved not None,
    guard not None,
):
    """Return the blocks with these indexes as text and as Markdown; stands for ``render.written``.

    ``origin`` is that of the page's address, ``resolved`` gives an address as it is written, and
    ``guard`` escapes what would make a line something else.
    """
    cdef const long long[::1] boxes = page.container
    cdef dict links = block_links(page, indexes, origin, resolved)
    cdef Pieces pieces = Pieces(len(indexes), guard)
    cdef list texts = page.text
    cdef list tags = page.containers.tag
    cdef const long long[::1] parents = page.containers.parent
    cdef Py_ssize_t containers = len(parents)
    cdef Form* forms = <Form*>calloc(2 * containers + 1, sizeof(Form))
    cdef Form form
    cdef Py_ssize_t index
    cdef object cell
    cdef list own_links
    if forms == NULL:
        raise MemoryError
    try:
        for index in indexes:
            own_links = <list>links.get(index) if links else None
            cell = cells.get(index) if cells else None
            if cell is None:
                form_of(boxes[index], forms, forms + containers, tags, parents, &form)
            else:
                form.kind, form.ordered = CELL, False
                form.group, form.owner, form.level = cell
            pieces.add(form, <str>texts[index], own_links)
    finally:
        free(forms)
    return pieces.text(), pieces.markdown()


cdef int form_of(
    Py_ssize_t box, Form* forms, Form* lists, list tags, const long long[::1] parents, Form* found
) except -1:
    """Fill in the form that the nearest maker around a block gives.

    ``forms`` and ``lists`` have what is known of containers: the form in them, and that of items.
    """
    cdef Py_ssize_t at = box
    cdef object maker
    found.kind, found.ordered, found.level, found.owner, found.group = PARAGRAPH, False, 0, -1, -1
    while at >= 0:
        if forms[at].kind:
            found[0] = forms[at]
            break
        maker = MAKERS.get(tags[at])
        if maker is not None:
            if <int>maker == ITEM and parents[at] >= 0:
                around_list(parents[at], tags, parents, &lists[parents[at]])
                found[0] = lists[parents[at]]
            elif <int>maker == HEADING:
                found.level = ord((<str>tags[at])[1]) - c"0"
            found.kind, found.owner = maker, at
            forms[at] = found[0]
            break
        at = parents[at]
    while box != at and not forms[box].kind:  # so that siblings need not go up as far
        forms[box] = found[0]
        box = parents[box]
    return 0


cdef int around_list(
    Py_ssize_t up, list tags, const long long[::1] parents, Form* form
) except -1:
    """Fill in what items have from the lists around them; stands for ``render._list_around``."""
    cdef str tag
    if form.kind:
        return 0  # items of one list are alike
    form.kind, form.group = ITEM, -1
    while up >= 0:
        tag = <str>tags[up]
        if tag in LISTS:
            if not form.level:
                form.ordered, form.group = tag == "ol", up
            form.level += 1
        up = parents[up]
    form.level = max(form.level, 1)
    return 0


# Characters of addresses and of Markdown, as bits.
cdef enum:
    SPECIAL = 1  # means something in Markdown, wherever it stands in a line
    IN_PATH = 2  # of ``links._ROOTED``, but for the slash
    IN_WHOLE = 4  # of ``links._WHOLE``

cdef unsigned char[128] BITS
cdef int _code
for _code in range(128):
    _char = chr(_code)
    BITS[_code] = (
        SPECIAL * (_char in "\\`*_[]<>")
        | IN_PATH * (_char.isalnum() or _char in "_%:=&~+!$,'@*|-")
        | IN_WHOLE * (_char.isalnum() or _char in "_%/:=&?~+!$,;'@*.|-")
    )


cdef dict block_links(page, indexes, str origin, resolved):
    """Return the links in some blocks by block, each a start, an end and an address."""
    cdef list texts = page.text, addresses = page.addresses
    cdef const long long[::1] spans = page.link_spans
    cdef bytearray wanted = bytearray(len(texts) + 1)  # a span may follow the last block
    cdef unsigned char* is_wanted = <unsigned char*>wanted
    cdef Py_ssize_t each, block, current = -1, at = 0, count = 0, start, end
    cdef dict links = {}, known = {}
    cdef list of_block = None
    cdef str text = ""
    for block in indexes:
        is_wanted[block] = True
    for each in range(0, len(spans), 4):
        block = spans[each]
        if not is_wanted[block]:
            continue
        if block != current:
            text, of_block = <str>texts[block], None
            current, at, count = block, 0, 0
        number = spans[each + 3]
        if number not in known:
            known[number] = address_of(<str>addresses[number], origin, resolved)
        start = position(text, spans[each + 1], &at, &count)
        end = position(text, spans[each + 2] - 1, &at, &count) + 1
        if known[number] is None:
            continue
        if of_block is None:
            of_block = links.get(block)
            if of_block is None:
                of_block = links[block] = []
        of_block.append((start, end, known[number]))
    return links


cdef object address_of(str address, str origin, resolved):
    """Return an address as it is written; most need no change."""
    cdef Py_ssize_t size = len(address)
    if address.isascii() and 0 < size <= MAX_ADDRESS:
        data = <const unsigned char*>PyUnicode_DATA(address)
        if origin and data[0] == c"/":
            if is_rooted(data, size):
                return origin + address
        elif is_whole(data, size):
            return address
    return resolved(address)


cdef bint is_rooted(const unsigned char* data, Py_ssize_t size) noexcept:
    """Stands for ``links._ROOTED``, in ASCII."""
    cdef Py_ssize_t at = 1
    while at < size and (BITS[data[at]] & IN_PATH or data[at] == c"/" and at > 1):
        at += 1
    if at == size:
        return True
    if data[at] != c"?" or at + 1 == size:
        return False
    for at in range(at + 1, size):
        if not BITS[data[at]] & IN_PATH and data[at] != c"/" and data[at] != c"?":
            return False
    return True


cdef bint is_whole(const unsigned char* data, Py_ssize_t size) noexcept:
    """Stands for ``links._WHOLE``, in ASCII."""
    cdef Py_ssize_t at = 8 if size > 8 and data[4] == c"s" else 7
    if size <= at or memcmp(data, b"https://" if at == 8 else b"http://", at):
        return False
    for at in range(at, size):
        if not BITS[data[at]] & IN_WHOLE:
            return False
    return True


cdef Py_ssize_t position(str text, Py_ssize_t number, Py_ssize_t* at, Py_ssize_t* count) noexcept:
    """Find a text's character by its number among those that are not white space.

    ``at`` and ``count`` are where the search begins and ends, and that character's number.
    """
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t size = len(text)
    if number < count[0]:
        at[0] = count[0] = 0
    while at[0] < size:
        if not PyUnicode_READ(kind, data, at[0]).isspace():
            if count[0] == number:
                return at[0]
            count[0] += 1
        at[0] += 1
    return size + 1 + number - count[0]


cdef inline bint is_special(Py_UCS4 char) noexcept:
    return char < 128 and BITS[char] & SPECIAL


cdef str plain(str text, Py_ssize_t first, Py_ssize_t end):
    """Return a part of a text with such characters escaped; stands for ``render._plain``."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t at, to = 0, count = 0
    cdef Py_UCS4 char
    cdef unsigned int highest = 0
    cdef str escaped
    for at in range(first, end):
        char = PyUnicode_READ(kind, data, at)
        count += is_special(char)
        highest |= <unsigned int>char
    if not count:
        return text if first == 0 and end == len(text) else PyUnicode_Substring(text, first, end)
    escaped = PyUnicode_New(end - first + count, min(highest, 0x10FFFF))
    kind = PyUnicode_KIND(escaped)
    for at in range(first, end):
        char = PyUnicode_READ(PyUnicode_KIND(text), data, at)
        if is_special(char):
            PyUnicode_WRITE(kind, PyUnicode_DATA(escaped), to, c"\\")
            to += 1
        PyUnicode_WRITE(kind, PyUnicode_DATA(escaped), to, char)
        to += 1
    return escaped


cdef str with_links(str text, list links):
    """Write a text and its links in a line of Markdown; stands for ``render.write_links``."""
    cdef Py_ssize_t at = 0, size = len(text), start, end
    cdef list parts
    cdef str before, address
    if not links:
        return plain(text, 0, size)
    parts = []
    for start, end, address in links:
        start = min(start, size)
        end = min(end, size)
        before = plain(text, min(at, start), start)
        if before.endswith("!"):
            before = PyUnicode_Substring(before, 0, len(before) - 1) + "\\!"
        parts += (before, "[", plain(text, min(start, end), end), "](", address, ")")
        at = end
    parts.append(plain(text, at, size))
    return "".join(parts)


cdef str escaped(str text, list links, guard):
    """Write a text in Markdown; ``guard`` is called where a line may look like another element."""
    cdef str line = with_links(text, links)
    cdef Py_ssize_t size = len(line)
    cdef Py_UCS4 char
    if size and PyUnicode_FindChar(line, c"\n", 0, size, 1) < 0:
        char = PyUnicode_READ(PyUnicode_KIND(line), PyUnicode_DATA(line), 0)
        if not (
            char == c"#" or char == c"+" or char == c"-" or char == c"="
            or Py_UNICODE_ISDECIMAL(char)
        ):
            return line
    return guard(line)

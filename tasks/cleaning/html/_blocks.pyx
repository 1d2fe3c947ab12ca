# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Reading blocks, compiled: it stands for ``blocks.walk`` and gives the same page.

It goes through Lexbor's own tree, by the functions that selectolax exports; no object is made
for a node.
"""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython cimport array
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.unicode cimport PyUnicode_DecodeUTF8, PyUnicode_Substring
from libc.string cimport memchr, memcpy, memmove

include "../lexbor.pxi"
include "octet_hash.pxi"

from copydesk.tasks.cleaning.html import page as _page
from copydesk.tasks.cleaning.html import superscripts as _superscripts
from copydesk.tasks.cleaning.vocabulary import class_names as _vocabulary

cdef int TEXT = _page.TEXT, OTHER = _page.OTHER, SKIP = _page.SKIP, PICTURE = _page.PICTURE
cdef int BLOCKS = _page.BLOCKS, BREAK = _page.BREAK, LINK = _page.LINK, STRONG = _page.STRONG
cdef int INLINE = _page.INLINE, RAISED = _page.RAISED, POWER = _page.POWER
cdef object raised = _superscripts.raised
cdef Py_ssize_t MAX_BLOCKS = _page.MAX_BLOCKS
cdef unsigned long long SPREAD = _page._SPREAD
cdef long long UNSEEN = _page.UNSEEN, HIDDEN = _vocabulary.HIDDEN, BODY = _vocabulary.BODY
cdef object ROLES = _page.ROLES
cdef dict BY_TAG = _vocabulary.BY_TAG, BY_ROLE = _vocabulary.BY_ROLE
cdef object word_groups = _vocabulary.word_groups
cdef Py_ssize_t LOOKED_AT = _vocabulary.LOOKED_AT
cdef frozenset CODE_ROWS = _vocabulary.CODE_ROWS, CODE_CELLS = _vocabulary.CODE_CELLS
cdef frozenset NOT_CAPTIONS = _vocabulary.NOT_CAPTIONS
cdef frozenset SENTENCES = _vocabulary.SENTENCES, LINK_MARKS = _vocabulary.LINK_MARKS
cdef object hiding_style = _vocabulary.hiding_style, sets_a_line = _vocabulary.sets_a_line
cdef long long FIGURE = _vocabulary.FIGURE

# What is known of elements by their names: the role, flags, then landmarks.
cdef enum:
    ROLES_BITS = 15
    NO_CAPTION = 16  # in a figure, but not its caption
    CODE_ROW = 32  # in code, a line of its own
    CODE_CELL = 64
    BUTTON = 128
    CODE = 256
    MARKS_FROM = 9
# Flags of class names, beside the groups' and UNSEEN's.
cdef long long SECOND = <long long>1 << 41, LINE = <long long>1 << 42
cdef long long HIDES = <long long>1 << 43, SHOWS = <long long>1 << 44
cdef long long EDITS = <long long>1 << 45, ALOUD = <long long>1 << 46
cdef long long FLAGS = SECOND | LINE | HIDES | SHOWS | EDITS | ALOUD

# Words in ASCII with what they tell: a table in which each stands where its hash says, or behind.
cdef enum:
    ROOM = 1024
    WORD_SIZE = 24
    MOST_STEMS = 128
    LETTERS = 26
    MOST_LETTERS = 300  # as LOOKED_AT
    STARTS = 1024
cdef struct Word:
    long long bits
    Py_ssize_t size
    unsigned char[WORD_SIZE] text
cdef Word[ROOM] WHOLE, GROUPED  # class names as they are written; words of letters in them
# By a word's first two octets, the sizes that words of each table have (bits): most words have none
# of them, and are not looked up.
cdef unsigned int[STARTS] WHOLE_SIZES, GROUPED_SIZES
cdef Word[MOST_STEMS] STEMS  # in the order of their first two letters
cdef Py_ssize_t[LETTERS * LETTERS + 1] STEMS_FROM  # where those with two letters begin
cdef unsigned char[256] LETTER  # in lower case; 0 for what is none
# The same as the flags of WHOLE.
cdef dict EXACT = {}
for _flag, _words in (
    *((HIDES, _vocabulary.HIDING_CLASSES), (SHOWS, _vocabulary.SHOWING_CLASSES)),
    *((SECOND, _vocabulary.SECOND_FORMS), (LINE, _vocabulary.CODE_LINES)),
    *((EDITS, _vocabulary.EDIT_LINKS), (ALOUD, _vocabulary.READ_ALOUD)),
):
    for _word in _words:
        EXACT[_word] = EXACT.get(_word, 0) | _flag
cdef dict KINDS = {}
cdef list NAMES = [None] * NUMBERED
cdef long long[NUMBERED] BY_NUMBER

cdef struct Element:
    Py_ssize_t owner  # its container, and that one's depth and landmarks
    Py_ssize_t depth
    long long marks
    Py_ssize_t link
    long long about
    bint strong
    bint alive  # what it holds is read
    bint high  # a superscript
    bint code  # its container is ``pre``
    int shape  # the role of a formula of two parts, or 0


# Attributes that reading knows, the class first; those up to ITEMPROP name the element.
cdef enum:
    CLASS, IDENTITY, TESTED, COMPONENT, QUALITY, MODULE, ITEMPROP, ROLE, STYLE, CONCEALED, COVERED
    SECTION, DISPLAY, ACCESS
    ADDRESS  # tells nothing of the element
    KNOWN

cdef struct Value:
    const unsigned char* data
    size_t length
    bint there


prepare_words()
FITS: bool = prepare()
"""Whether ``read`` can be used: it needs a selectolax that exports Lexbor's functions."""


def read(body not None, page not None):
    """Fill the page from a tree's body, a ``LexborNode`` (``FITS`` must be true)."""
    if not FITS or not isinstance(body, _lexbor.LexborNode):
        raise TypeError("no body of a tree of Lexbor's that can be read")
    _Reader(page).run(<Node*><size_t>body.mem_id)


cdef inline long long make(Py_ssize_t owner, str tag, unsigned long long names) except? -1:
    """Give a container's key by a hash of its classes; stands for ``page.make``, by other hashes."""
    cdef unsigned long long key = (<unsigned long long>owner ^ <unsigned long long>hash(tag)) * SPREAD
    key ^= key >> 32
    key = (key ^ names) * SPREAD
    return <long long>(key ^ key >> 32)


# Attributes that the page has had, each where its hash says, with the groups of its words.
cdef enum:
    MOST_VALUES = 1024
cdef struct ValueMet:
    const unsigned char* data
    Py_ssize_t size
    long long bits
    unsigned long long hash
    bint is_ascii


# The columns of a page: of its blocks, and from HOLDER on of its containers.
cdef enum:
    CONTAINER, LINKED, BOLD, LINKS, ABOUT, IMAGES, SPANS
    HOLDER, DEPTH, GROUPS, LANDMARKS, KEY
    COLUMNS

# A column while it grows.
cdef struct Column:
    long long* values
    Py_ssize_t size, room


cdef inline int put(Column* column, long long value) except -1:
    if column.size == column.room:
        widen(column)
    column.values[column.size] = value
    column.size += 1
    return 0


cdef int widen(Column* column) except -1:
    cdef Py_ssize_t room = 2 * column.room + 256
    cdef long long* values = <long long*>PyMem_Realloc(column.values, room * sizeof(long long))
    if values == NULL:
        raise MemoryError
    column.values, column.room = values, room
    return 0


cdef class _Reader:
    cdef Element* opened
    cdef Py_ssize_t room
    cdef list text, tags
    cdef list addresses
    cdef object page
    cdef ValueMet[MOST_VALUES] met
    cdef Column[COLUMNS] columns
    # What the block has so far, in UTF-8.
    cdef unsigned char* buffer
    cdef Py_ssize_t filled, holds
    # Of the block that is being read; see Page.
    cdef Py_ssize_t current, linked_now, strong_now, links_now, images_now, later
    cdef long long inline_now
    cdef Py_ssize_t link, last_link
    # Characters of the buffer but for white space, and how many of its octets are counted.
    cdef Py_ssize_t solid, counted
    cdef bint broken, full, touches  # whether the last text is a link's
    cdef bint code  # whether the block stands in ``pre``

    def __cinit__(self, page):
        self.page = page
        self.text, self.addresses, self.tags = page.text, page.addresses, page.containers.tag

    def __dealloc__(self):
        cdef int each
        PyMem_Free(self.opened)
        PyMem_Free(self.buffer)
        for each in range(COLUMNS):
            PyMem_Free(self.columns[each].values)

    cdef int give(self) except -1:
        """Hand the columns to the page."""
        cdef array.array column
        cdef int each
        boxes = self.page.containers
        for each, column in enumerate((
            *(self.page.container, self.page.linked, self.page.strong, self.page.links),
            *(self.page.inline, self.page.images, self.page.link_spans),
            *(boxes.parent, boxes.depth, boxes.groups, boxes.landmarks, boxes.key),
        )):
            if self.columns[each].size:
                array.extend_buffer(
                    column, <char*>self.columns[each].values, self.columns[each].size
                )
        return 0

    cdef int run(self, Node* top) except -1:
        cdef Node* node = top
        cdef Py_ssize_t depth = 0
        cdef bint within
        self.grow(1)
        self.opened[0] = Element(-1, -1, 0, 0, 0, False, True, False, False, 0)
        while True:
            within = False
            if node.type == TEXT_NODE:
                self.read_text(<Text*>node, &self.opened[depth])
            elif node.type == ELEMENT_NODE:
                if depth + 1 >= self.room:
                    self.grow(depth + 2)
                within = self.enter(node, &self.opened[depth], &self.opened[depth + 1])
                if self.full:
                    break
            if within and node.first_child != NULL:
                node = node.first_child
                depth += 1
                continue
            while node != top and node.next == NULL:
                node = node.parent
                depth -= 1
            if node == top:
                break
            node = node.next
        if self.filled:
            self.flush()
        return self.give()

    cdef int grow(self, Py_ssize_t least) except -1:
        cdef Py_ssize_t room = 2 * least + 64
        cdef Element* more = <Element*>PyMem_Realloc(self.opened, room * sizeof(Element))
        if more == NULL:
            raise MemoryError
        self.opened, self.room = more, room
        return 0

    cdef bint enter(self, Node* node, Element* around, Element* element) except -1:
        """Do what an element's role asks for; tell whether to go on to what it holds."""
        cdef long long kind, bits, named_bits = 0
        cdef int role, known
        cdef bint line
        cdef str tag
        cdef ValueMet* names = NULL
        cdef unsigned long long names_hash = 0
        cdef Value[KNOWN] values
        cdef bint telling
        if node.name < NUMBERED and NAMES[node.name] is not None:
            kind = BY_NUMBER[node.name]
            tag = <str>NAMES[node.name]
        else:
            tag = named(node)
            kind = known_kind(tag)
            if node.name < NUMBERED:
                NAMES[node.name] = tag
                BY_NUMBER[node.name] = kind
        role = kind & ROLES_BITS
        element[0] = around[0]
        if role == BREAK and self.filled:
            if self.broken and not self.code:
                self.flush()
            else:
                self.append(b"\n", 1)
                self.broken = True
        if role < LINK and role != BLOCKS or not around.alive:
            if role == PICTURE and around.alive:
                if self.filled:
                    self.later += 1
                else:
                    self.images_now += 1
            element.alive = False
            # In what is not read, white space and breaks part words of the block around it.
            return self.filled > 0
        telling = look(node, values)
        if values[CLASS].length:
            names = self.known_names(&values[CLASS])
            named_bits, names_hash = names.bits, names.hash
            if named_bits & EDITS or named_bits & SECOND and follows(node):
                element.alive = False
                return self.filled > 0
        if role == LINK and is_mark(node, &values[ADDRESS]):
            element.alive = False
            return self.filled > 0
        if around.owner >= 0:
            if around.code:
                line = kind & CODE_ROW != 0 or named_bits & LINE != 0 or (
                    values[STYLE].length > 0 and sets_a_line(decoded(&values[STYLE]))
                )
                if role == BLOCKS and (line or kind & CODE_CELL):
                    role = INLINE
                if role != BLOCKS and line and self.filled and self.buffer[self.filled - 1] != c"\n":
                    self.append(b"\n", 1)
            elif (
                role == BLOCKS and kind & BUTTON and text_follows(node)
                and self.tags[around.owner] in SENTENCES
            ):
                role = INLINE
        element.shape = 0
        if role == BLOCKS:
            if self.filled:
                self.flush()
            element.owner = self.current = len(self.tags)
            if len(self.text) >= MAX_BLOCKS or self.current >= 8 * MAX_BLOCKS:
                self.full = True
                return False
            if kind & NO_CAPTION:
                element.marks &= ~FIGURE
            element.marks |= kind >> MARKS_FROM
            element.depth += 1
            element.code = self.code = kind & CODE != 0
            bits = named_bits
            if telling:
                bits |= self.named_by(values)
                if values[ROLE].length:
                    element.marks |= <long long>BY_ROLE.get(decoded(&values[ROLE]), 0)
                if hides(values):
                    element.marks |= HIDDEN
                if is_word(&values[ITEMPROP], b"articleBody"):
                    element.marks |= BODY
            if bits & HIDES and not bits & SHOWS:
                element.marks |= HIDDEN
            put(&self.columns[HOLDER], around.owner)
            put(&self.columns[DEPTH], element.depth)
            self.tags.append(tag)
            put(&self.columns[GROUPS], bits & ~FLAGS)
            put(&self.columns[LANDMARKS], element.marks)
            put(&self.columns[KEY], make(around.owner, tag, names_hash))
            element.about = 0
        else:
            if named_bits & ALOUD and around.link and around.link == self.last_link:
                element.alive = False
                return self.filled > 0
            if role == LINK:
                self.link += 1
                element.link = self.link
                self.addresses.append(decoded(&values[ADDRESS]) if values[ADDRESS].length else "")
            elif role == STRONG:
                element.strong = True
            elif role == RAISED:
                element.high = True
            elif role >= POWER:
                element.shape = role
            if around.shape and self.filled and follows(node):
                if around.shape == POWER and tag == "mn":
                    element.high = True
                else:
                    self.append(b"^" if around.shape == POWER else b"/", 1)
            element.about |= named_bits & ~FLAGS
            if named_bits & HIDES and not named_bits & SHOWS:
                element.about |= UNSEEN
            if telling and hides(values):
                if not is_word(&values[COVERED], b"true") and not holds_formula(node):
                    element.alive = False
                    return self.filled > 0
                element.about |= UNSEEN
        return True

    cdef ValueMet* known_names(self, Value* value) except NULL:
        """Give what is known of a value: it stays where it is until the next one is asked for."""
        cdef Py_ssize_t at, start = -1, size = <Py_ssize_t>value.length
        cdef const unsigned char* data = value.data
        cdef unsigned long long key = octet_hash(data, size, SPREAD)
        cdef ValueMet* met = &self.met[key & (MOST_VALUES - 1)]
        cdef unsigned char every = 0
        if met.size == size and met.hash == key and not memcmp(met.data, data, size):
            return met
        met[0] = ValueMet(data, size, 0, key, False)
        for at in range(size):
            every |= data[at]
        met.is_ascii = every < 0x80
        if size > LOOKED_AT or not met.is_ascii:
            met.bits = class_bits(decoded(value))
            return met
        for at in range(size):
            if space(data + at, 1):
                if start >= 0:
                    met.bits |= word_bits(data + start, at - start)
                start = -1
            elif start < 0:
                start = at
        if start >= 0:
            met.bits |= word_bits(data + start, size - start)
        return met

    cdef long long named_by(self, Value* values) except -1:
        """Give the groups of what names an element beside its classes, or with them."""
        cdef int known
        cdef long long bits = 0
        cdef str all_names
        cdef ValueMet* names
        cdef Py_ssize_t size = 0
        cdef bint named = False, plain = True
        for known in range(CLASS, ITEMPROP + 1):
            if values[known].length:
                names = self.known_names(&values[known])
                plain = plain and names.is_ascii
            if known == CLASS:
                size = <Py_ssize_t>values[CLASS].length
            elif values[known].there:
                named = True
                size += 1 + <Py_ssize_t>values[known].length
                if values[known].length:
                    bits |= names.bits
        if not named or plain and size <= LOOKED_AT:
            return bits
        all_names = decoded(&values[CLASS])
        for known in range(IDENTITY, ITEMPROP + 1):
            if values[known].there:
                all_names = f"{all_names} {decoded(&values[known])}"
        return class_bits(all_names)  # the first letters of all of them count, and no more

    cdef int append(self, const unsigned char* data, size_t length) except -1:
        cdef unsigned char* more
        if self.filled + <Py_ssize_t>length > self.holds:
            self.holds = 2 * (self.filled + <Py_ssize_t>length) + 1_024
            more = <unsigned char*>PyMem_Realloc(self.buffer, self.holds)
            if more == NULL:
                raise MemoryError
            self.buffer = more
        memcpy(self.buffer + self.filled, data, length)
        self.filled += length
        return 0

    cdef int read_text(self, Text* node, Element* around) except -1:
        """Take a text node's part."""
        cdef const unsigned char* data = node.data
        cdef Py_ssize_t size = node.length, at, length
        cdef unsigned char* own
        cdef str high
        cdef bytes encoded
        if not size or not around.alive and not self.filled:
            return 0
        if is_space(data, size):
            if self.filled:
                if around.alive and around.code:
                    self.append(data, size)
                else:
                    self.append(b" ", 1)
            return 0
        if not around.alive:
            return 0
        if around.owner != self.current:
            if self.filled:
                self.flush()
            self.current, self.code = around.owner, around.code
        self.broken = False
        if around.link or around.strong:
            length = 0
            for at in range(size):
                length += (data[at] & 0xC0) != 0x80  # characters, not octets
            if around.link:
                self.linked_now += length
                if around.link != self.last_link:
                    self.links_now += 1
                    if self.touches:  # two links that touch are two words
                        self.append(b" ", 1)
                    self.last_link = around.link
            if around.strong:
                self.strong_now += length
        self.touches = around.link > 0
        self.inline_now |= around.about
        if around.high:
            high = raised(PyUnicode_DecodeUTF8(<const char*>data, size, "replace"), self.last())
            encoded = high.encode("utf-8", "surrogatepass")
            data, size = encoded, len(encoded)
        if around.link and not around.code:
            self.solid += solid_length(self.buffer + self.counted, self.filled - self.counted)
            length = self.solid
            self.solid += solid_length(data, size)
            self.append(data, size)
            self.counted = self.filled
            self.add_span(length, around.link - 1)
        else:
            self.append(data, size)
        if not around.code:
            own = self.buffer + self.filled - size
            while (own := <unsigned char*>memchr(own, c"\n", self.buffer + self.filled - own)) != NULL:
                own[0] = c" "
        return 0

    cdef int add_span(self, Py_ssize_t first, Py_ssize_t link) except -1:
        """Note a part of the block that is a link; stands for ``blocks._add_span``."""
        cdef Column* spans = &self.columns[SPANS]
        cdef long long* last
        if spans.size:
            last = spans.values + spans.size - 4
            if last[0] == len(self.text) and last[3] == link:
                last[2] = self.solid
                return 0
        put(spans, len(self.text))
        put(spans, first)
        put(spans, self.solid)
        return put(spans, link)

    cdef str last(self):
        """Give the character that the block ends with so far; nothing where there is none."""
        cdef Py_ssize_t at = self.filled - 1
        while at > 0 and self.buffer[at] & 0xC0 == 0x80:
            at -= 1
        return PyUnicode_DecodeUTF8(<char*>self.buffer + at, self.filled - at, "replace") if at >= 0 else ""

    cdef int flush(self) except -1:
        """End the block."""
        cdef str text, joined
        if self.code:
            joined = PyUnicode_DecodeUTF8(<char*>self.buffer, self.filled, "replace")
            text = joined.strip("\n").rstrip() if not joined.isspace() else ""
        else:
            self.filled = squeezed(self.buffer, self.filled)
            text = PyUnicode_DecodeUTF8(<char*>self.buffer, self.filled, "replace")
        if text:
            self.text.append(text)
            put(&self.columns[CONTAINER], self.current)
            put(&self.columns[LINKED], self.linked_now)
            put(&self.columns[BOLD], self.strong_now)
            put(&self.columns[LINKS], self.links_now)
            put(&self.columns[ABOUT], self.inline_now)
            put(&self.columns[IMAGES], self.images_now)
            self.images_now = 0
        self.images_now += self.later
        self.filled = 0
        self.linked_now = self.strong_now = self.links_now = self.last_link = self.later = 0
        self.inline_now = 0
        self.solid = self.counted = 0
        self.broken = self.touches = False
        return 0


cdef inline int space(const unsigned char* data, Py_ssize_t size) noexcept:
    """Give the octets of the white space that stands there, as ``str.isspace`` sees it."""
    cdef unsigned char first = data[0], second, third
    if first <= 0x20:
        return first == 0x20 or 9 <= first <= 13 or 0x1C <= first <= 0x1F
    if first < 0xC2 or first > 0xE3 or size < 2:
        return 0
    second = data[1]
    if first == 0xC2:
        return 2 if second == 0xA0 or second == 0x85 else 0
    if size < 3:
        return 0
    third = data[2]
    if first == 0xE2:
        if second == 0x80:
            return 3 if 0x80 <= third <= 0x8A or third in (0xA8, 0xA9, 0xAF) else 0
        return 3 if second == 0x81 and third == 0x9F else 0
    if first == 0xE1:
        return 3 if second == 0x9A and third == 0x80 else 0
    return 3 if first == 0xE3 and second == 0x80 and third == 0x80 else 0


cdef bint is_space(const unsigned char* data, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at = 0
    cdef int step
    while at < size:
        step = space(data + at, size - at)
        if not step:
            return False
        at += step
    return True


cdef Py_ssize_t solid_length(const unsigned char* data, Py_ssize_t size) noexcept:
    """Count the characters but for white space."""
    cdef Py_ssize_t at = 0, count = 0
    cdef unsigned char char
    cdef int step
    while at < size:
        char = data[at]
        step = space(data + at, size - at) if char <= 0x20 or char >= 0xC2 else 0
        if step:
            at += step
            continue
        count += (char & 0xC0) != 0x80
        at += 1
    return count


cdef Py_ssize_t squeezed(unsigned char* data, Py_ssize_t size) noexcept:
    """Leave one space or line break between words, in place; give the octets that are left."""
    cdef Py_ssize_t at = 0, to = 0, start
    cdef unsigned char between = 0
    cdef int step
    while at < size:
        step = space(data + at, size - at)
        if step:
            if data[at] == c"\n":
                between = c"\n"
            elif not between:
                between = c" "
            at += step
            continue
        if between:
            if to:
                data[to] = between
                to += 1
            between = 0
        start = at
        at += 1
        while at < size and 0x20 < data[at] < 0xC2:
            at += 1
        if to != start:
            memmove(data + to, data + start, at - start)
        to += at - start
    return to


cdef str decoded(Value* value):
    return PyUnicode_DecodeUTF8(<const char*>value.data, value.length, "replace")


cdef inline bint is_word(Value* value, bytes word) noexcept:
    return value.length == <size_t>len(word) and not memcmp(
        value.data, <const unsigned char*>word, value.length
    )


cdef bint look(Node* element, Value* values) noexcept:
    """Find the attributes that reading knows; tell whether there is one beside the class."""
    cdef void* attribute = FIRST_ATTRIBUTE(element)
    cdef int known
    cdef bint telling = False
    for known in range(KNOWN):
        values[known] = Value(NULL, 0, False)
    while attribute != NULL:
        known = numbered(attribute, number)
        if known >= 0:
            values[known].data = VALUE(attribute, &values[known].length)
            values[known].there = True
            if values[known].data == NULL:
                values[known].length = 0
            telling = telling or CLASS < known < ADDRESS
        attribute = NEXT_ATTRIBUTE(attribute)
    return telling


cdef int number(const unsigned char* name, size_t length) noexcept:
    """Number an attribute that reading knows; -1 for any other."""
    if length == 5:
        if not memcmp(name, b"class", 5):
            return CLASS
        if not memcmp(name, b"style", 5):
            return STYLE
    elif length == 2:
        if not memcmp(name, b"id", 2):
            return IDENTITY
    elif length == 4:
        if not memcmp(name, b"role", 4):
            return ROLE
        if not memcmp(name, b"href", 4):
            return ADDRESS
    elif length == 6:
        if not memcmp(name, b"hidden", 6):
            return CONCEALED
    elif length == 7:
        if not memcmp(name, b"data-qa", 7):
            return QUALITY
    elif length == 8:
        if not memcmp(name, b"itemprop", 8):
            return ITEMPROP
    elif length == 10:
        if not memcmp(name, b"amp-access", 10):
            return ACCESS
    elif length == 21:
        if not memcmp(name, b"subscriptions-section", 21):
            return SECTION
        if not memcmp(name, b"subscriptions-display", 21):
            return DISPLAY
    elif length == 11:
        if not memcmp(name, b"aria-hidden", 11):
            return COVERED
        if not memcmp(name, b"data-testid", 11):
            return TESTED
        if not memcmp(name, b"data-module", 11):
            return MODULE
    elif length == 14:
        if not memcmp(name, b"data-component", 14):
            return COMPONENT
    return -1


cdef bint hides(Value* values) except -1:
    """Tell whether an element's attributes hide it."""
    cdef int each
    if values[CONCEALED].there or is_word(&values[COVERED], b"true"):
        return True
    if is_word(&values[SECTION], b"content-not-granted"):
        return True
    for each in range(DISPLAY, ACCESS + 1):
        if values[each].length >= 4 and not memcmp(values[each].data, b"NOT ", 4):
            return True
    if not (holds(&values[STYLE], b"none") or holds(&values[STYLE], b"hidden")
            or holds(&values[STYLE], b"-9999")):
        return False  # as ``hiding_style`` finds at once of most
    return hiding_style(decoded(&values[STYLE]))


cdef bint holds(Value* value, bytes word) noexcept:
    """Tell whether a value has a word in it."""
    cdef const unsigned char* data = value.data
    cdef const unsigned char* sought = <const unsigned char*>word
    cdef Py_ssize_t length = len(word), left = <Py_ssize_t>value.length
    while left >= length:
        data = <const unsigned char*>memchr(data, sought[0], left - length + 1)
        if data == NULL:
            return False
        if not memcmp(data, sought, length):
            return True
        data += 1
        left = value.data + <Py_ssize_t>value.length - data
    return False


cdef bint holds_formula(Node* node) except -1:
    """Tell whether an element's first one is a formula: sites hide it beside its picture."""
    node = node.first_child
    while node != NULL and node.type != ELEMENT_NODE:
        node = node.next
    return node != NULL and named(node) == "math"


cdef bint is_mark(Node* link, Value* address) except -1:
    """Tell whether a link within the page has only a mark as its text."""
    cdef Text* text = <Text*>link.first_child
    if not address.length or address.data[0] != c"#" or text == NULL:
        return False
    if text.node.type != TEXT_NODE or text.node.next != NULL:
        return False
    return PyUnicode_DecodeUTF8(<const char*>text.data, text.length, "replace").strip() in LINK_MARKS


cdef bint text_follows(Node* node) noexcept:
    """Tell whether text stands right behind an element."""
    cdef Text* after = <Text*>node.next
    if after == NULL or node.next.type != TEXT_NODE or not after.length:
        return False
    return not is_space(after.data, after.length)


cdef bint follows(Node* node) noexcept:
    """Tell whether another element stands before it in the same one."""
    node = node.prev
    while node != NULL:
        if node.type == ELEMENT_NODE:
            return True
        node = node.prev
    return False


cdef str named(Node* element):
    cdef size_t length = 0
    cdef const unsigned char* name = NAME(element, &length)
    if name == NULL:
        return "-"
    return PyUnicode_DecodeUTF8(<const char*>name, length, "replace")


cdef long long known_kind(str tag) except -1:
    """Tell what is known of elements of a name, and keep it."""
    known = KINDS.get(tag)
    if known is not None:
        return known
    cdef long long kind = <long long>ROLES[tag] | <long long>BY_TAG.get(tag, 0) << MARKS_FROM
    kind |= NO_CAPTION * (tag in NOT_CAPTIONS)
    kind |= CODE_ROW * (tag in CODE_ROWS) | CODE_CELL * (tag in CODE_CELLS)
    kind |= BUTTON * (tag == "button") | CODE * (tag == "pre")
    if len(KINDS) < 4_096:  # names are the page's own
        KINDS[tag] = kind
    return kind


cdef dict WORDS = {}


cdef inline bint has_size(
    const unsigned int* sizes, const unsigned char* data, Py_ssize_t size
) noexcept:
    """Tell whether a table may have a word."""
    return size <= WORD_SIZE and sizes[start_of(data, size)] >> size & 1


cdef inline int start_of(const unsigned char* data, Py_ssize_t size) noexcept:
    return ((data[0] & 31) << 5 | (data[1] & 31 if size > 1 else 0)) & (STARTS - 1)


cdef Word* slot_of(Word* words, const unsigned char* data, Py_ssize_t size) noexcept:
    """Give the place of a word in a table, or that where it would stand."""
    cdef Py_ssize_t slot = octet_hash(data, size, SPREAD) & (ROOM - 1)
    while words[slot].size and (words[slot].size != size or memcmp(words[slot].text, data, size)):
        slot = (slot + 1) & (ROOM - 1)
    return &words[slot]


cdef int put_word(Word* slot, bytes word, long long bits) except -1:
    if len(word) > WORD_SIZE:
        raise ImportError(f"a longer word than the compiled loops take: {word!r}")
    slot.bits, slot.size = bits, len(word)
    memcpy(slot.text, <const unsigned char*>word, slot.size)
    return 0


cdef int put_words(Word* words, unsigned int* sizes, dict bits) except -1:
    cdef bytes word
    for text, own_bits in bits.items():
        if text.isascii():
            word = text.encode()
            put_word(slot_of(words, word, len(word)), word, own_bits)
            sizes[start_of(word, len(word))] |= <unsigned int>1 << len(word)
    return 0


cdef int prepare_words() except -1:
    """Fill the tables of words."""
    cdef int code, pair
    cdef Py_ssize_t number = 0
    if LOOKED_AT > MOST_LETTERS or len(_vocabulary.STEMS) > MOST_STEMS:
        raise ImportError("the compiled loops know another vocabulary")
    for code in range(c"a", c"z" + 1):
        LETTER[code] = LETTER[code - 32] = code
    put_words(WHOLE, WHOLE_SIZES, EXACT)
    put_words(GROUPED, GROUPED_SIZES, _vocabulary.EXACT)
    stems = sorted((stem.encode(), group) for stem, group in _vocabulary.STEMS.items())
    for pair in range(LETTERS * LETTERS):
        STEMS_FROM[pair] = number
        while number < len(stems) and pair_of(stems[number][0]) == pair:
            put_word(&STEMS[number], stems[number][0], _vocabulary.group_bit(stems[number][1]))
            number += 1
    STEMS_FROM[LETTERS * LETTERS] = number
    return 0


cdef inline int pair_of(const unsigned char* letters) noexcept:
    return (letters[0] - c"a") * LETTERS + letters[1] - c"a"


cdef long long word_bits(const unsigned char* data, Py_ssize_t size) noexcept:
    """Give the ``class_bits`` of a word in ASCII, of ``LOOKED_AT`` letters at most."""
    cdef unsigned char[MOST_LETTERS] lowered
    cdef Py_ssize_t at, start = -1
    cdef long long bits = 0
    if has_size(WHOLE_SIZES, data, size):
        bits = slot_of(WHOLE, data, size).bits
    for at in range(size):
        lowered[at] = LETTER[data[at]]
        if not lowered[at]:
            if start >= 0:
                bits |= groups_of(lowered + start, at - start)
            start = -1
        elif start < 0:
            start = at
    return bits | groups_of(lowered + start, size - start) if start >= 0 else bits


cdef long long groups_of(const unsigned char* word, Py_ssize_t size) noexcept:
    """Give the groups of a word of letters in lower case; stands for ``word_groups``."""
    cdef long long bits = 0
    cdef Py_ssize_t at, each
    cdef int pair
    cdef Word* known
    if has_size(GROUPED_SIZES, word, size):
        known = slot_of(GROUPED, word, size)
        if known.size:
            return known.bits
    for at in range(size - 1):
        pair = pair_of(word + at)
        for each in range(STEMS_FROM[pair], STEMS_FROM[pair + 1]):
            known = &STEMS[each]
            if known.size <= size - at and not memcmp(known.text, word + at, known.size):
                bits |= known.bits
    return bits


cdef long long class_bits(str names) except -1:
    """Give the groups of class names, with flags; stands for ``class_evidence``."""
    cdef long long bits = letter_bits(names)
    for word in names[:LOOKED_AT].split():
        bits |= <long long>EXACT.get(word, 0)
    return bits


cdef long long letter_bits(str names) except -1:
    """Give the groups of the words of letters in class names."""
    cdef str lowered = names[:LOOKED_AT].lower()
    cdef Py_ssize_t at, start = -1, size = len(lowered)
    cdef Py_UCS4 char
    cdef long long bits = 0
    cdef str word
    for at in range(size + 1):
        char = lowered[at] if at < size else 0
        if c"a" <= char <= c"z" or 0xE0 <= char <= 0xFF:
            if start < 0:
                start = at
        elif start >= 0:
            word = PyUnicode_Substring(lowered, start, at)
            start = -1
            groups = WORDS.get(word)
            if groups is None:
                groups = word_groups(word)
                if len(WORDS) < 65_536:
                    WORDS[word] = groups
            bits |= <long long>groups
    return bits

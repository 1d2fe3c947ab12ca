# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Finding what tells of a page, compiled: it stands for ``elements.search`` and finds the same.

One walk over Lexbor's own tree, in a tenth of the time that two CSS queries take.
"""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.unicode cimport PyUnicode_DecodeUTF8, PyUnicode_FromKindAndData

from libc.string cimport memset

include "../lexbor.pxi"

from copydesk.tasks.cleaning.metadata import vocabulary as _vocabulary
from copydesk.tasks.cleaning.metadata.jsonld import plain as _plain_text
from copydesk.tasks.cleaning.metadata.model import Mark as _Mark

cdef Py_ssize_t MAX_ELEMENTS = _vocabulary.MAX_ELEMENTS
cdef Py_ssize_t MAX_TELLING = _vocabulary.MAX_TELLING
cdef Py_ssize_t MAX_CLASSED = _vocabulary.MAX_CLASSED
cdef Py_ssize_t MAX_CLASS_CHARS = _vocabulary.MAX_CLASS_CHARS
cdef Py_ssize_t MAX_ITEMTYPES = _vocabulary.MAX_MARKS
cdef Py_ssize_t MAX_ANCESTORS = _vocabulary.MAX_ANCESTORS
cdef tuple LABELS = _vocabulary.LABELS
cdef tuple CLASS_WORDS = _vocabulary.CLASS_WORDS
cdef object TO_PERSON = _vocabulary.TO_PERSON
cdef object PROFILE = _vocabulary.PROFILE, COMMENTS = _vocabulary.COMMENTS
cdef Py_ssize_t MAX_META_CONTENTS = _vocabulary.MAX_META_CONTENTS
cdef Py_ssize_t MAX_MARKS = _vocabulary.MAX_MARKS
cdef Py_ssize_t MAX_MARK_CHARS = _vocabulary.MAX_MARK_CHARS
cdef Py_ssize_t MAX_RUN_CHARS = _vocabulary.ROOM * _vocabulary.MAX_MARK_CHARS

# What is known of elements by their names.
cdef enum:
    SEEN = 1
    HEAD = 2
    NAMED = 4
    ANCHOR = 8
    HTML = 16
    # 32 is MATCHED
    JOINS = 64
    UNREAD = 128
    META = 256
    MICRODATA = 512
    REGION = 1024
    TIME = 2048
cdef dict NAMES = {
    b"title": HEAD, b"h1": HEAD, b"meta": HEAD | META, b"script": HEAD, b"link": HEAD,
    b"time": NAMED | TIME, b"address": NAMED, b"a": ANCHOR, b"html": HTML,
}
for _name in _vocabulary.REGIONS:
    NAMES[_name.encode()] = NAMES.get(_name.encode(), 0) | REGION
for _name in _vocabulary.MICRODATA:
    NAMES[_name.encode()] |= MICRODATA
for _name in _vocabulary.UNREAD:
    NAMES[_name.encode()] = NAMES.get(_name.encode(), 0) | UNREAD
for _name in _vocabulary.RUBY_BASES:
    NAMES[_name.encode()] = NAMES.get(_name.encode(), 0) | JOINS
for _name in _vocabulary.RUBY_READINGS:
    NAMES[_name.encode()] = NAMES.get(_name.encode(), 0) | JOINS | UNREAD
cdef int[NUMBERED] BY_NUMBER
# Those that tell by their name alone.
cdef frozenset TELLING = frozenset((b"title", b"h1", b"time", b"address"))
cdef enum:
    MATCHED = 32

# Attributes that tell something.
cdef enum:
    CLASS, IDENTITY, RELATION, ITEMPROP, TESTED  # those of labels, in their order
    CONTENT, HREF, TYPE, ITEMTYPE, PROPERTY, NAME_OF, EQUIVALENT, DATETIME, OTHER
if LABELS != ("class", "id", "rel", "itemprop", "data-testid"):
    raise AssertionError("labels of other attributes")
# Those of a meta's names, in their order.
cdef int[4] META_NAMES
META_NAMES[:] = [PROPERTY, NAME_OF, ITEMPROP, EQUIVALENT]
if _vocabulary.META_NAMES != ("property", "name", "itemprop", "http-equiv"):
    raise AssertionError("other attributes name a meta")
cdef list ATTRIBUTE_NAMES = [None] * COMMON, TAG_NAMES = [None] * NUMBERED

# Words in the values of attributes, as bits.
cdef enum:
    NAMING = 1
    MARKING = 2
    CRUMB = 4
    WIDE = 8  # a character beyond ASCII

cdef dict WORDS = {
    **dict.fromkeys(CLASS_WORDS, MARKING),
    **dict.fromkeys(("author", "byline", "date"), MARKING | NAMING),
    "crumb": CRUMB,
}
# The same by their first two letters: a word is looked at where both stand.
cdef struct Word:
    unsigned char[16] rest
    int length
    int bits

cdef enum:
    MOST = 32  # words
    PAIRS = 32 * 32
cdef Word[MOST] IN_ORDER
# By an octet, the number of its letter in either case, from 1 on; 0 of all else.
cdef unsigned char[256] LETTER
# By the numbers of two letters, the first word that they begin, from 1 on, and how many words.
cdef unsigned char[PAIRS] FIRST
cdef unsigned char[PAIRS] COUNT


def _fill():
    cdef int pair, number, place
    cdef Word* word
    for number in range(26):
        LETTER[ord("a") + number] = LETTER[ord("A") + number] = number + 1
    if len(WORDS) > MOST or max(map(len, WORDS)) > 16:
        raise AssertionError("more words than there is room for")
    for number, text in enumerate(sorted(WORDS)):
        pair = LETTER[ord(text[0])] << 5 | LETTER[ord(text[1])]
        FIRST[pair] = FIRST[pair] or number + 1
        COUNT[pair] += 1
        word = &IN_ORDER[number]
        word.length = len(text) - 2
        word.bits = WORDS[text]
        for place in range(word.length):
            word.rest[place] = ord(text[place + 2])


_fill()

FITS: bool = prepare()
"""Whether ``find`` can be used: it needs a selectolax that exports Lexbor's functions."""


cdef struct Value:
    const unsigned char* data
    Py_ssize_t length
    bint there


cdef class _Tree:
    """A parsed tree, and what ``within`` has of its elements.

    Elements hold it and not what lists them: a circle would keep each page until a collection.
    """

    cdef object parsed
    cdef dict labels, around_children

    def __cinit__(self, parsed):
        self.parsed, self.labels, self.around_children = parsed, {}, {}

    cdef str within(self, Node* node):
        """Give the same as one text; most elements that tell are beside others."""
        known = self.around_children.get(<size_t>node.parent)
        if known is None:
            known = self.around_children[<size_t>node.parent] = " ".join(self.around(node))
        return known

    cdef list around(self, Node* node):
        """Give the tags and labels of the elements around, innermost first."""
        cdef list said = []
        cdef str tag
        cdef Value[OTHER + 1] values
        node = node.parent
        while node != NULL and node.type == ELEMENT_NODE and len(said) < MAX_ANCESTORS:
            known = self.labels.get(<size_t>node)
            if known is None:
                tag = _tag(node)
                if tag == "body" or tag == "html":
                    known = ""
                else:
                    _read_values(node, values)
                    known = f"<{tag} {_label(values)} {_text(values[ITEMTYPE]).lower()}"
                self.labels[<size_t>node] = known
            if not known:
                break
            said.append(known)
            node = node.parent
        return said


cdef class TellingElements:
    """What was found; see ``elements.TellingElements``."""

    cdef readonly list heads, telling, classed, itemtypes
    cdef readonly dict metas
    cdef readonly object trail
    cdef _Tree tree
    cdef Py_ssize_t matched, named, headed

    def __cinit__(self, _Tree tree not None):
        self.heads, self.telling, self.classed, self.itemtypes = [], [], [], []
        self.metas, self.tree = {}, tree

    cdef int take(self, Node* node) except -1:
        """Take an element where it tells something."""
        cdef int kind = _kind(node), bits
        cdef void* attribute = FIRST_ATTRIBUTE(node)
        cdef int known
        cdef Value value, classes, href, itemtype
        cdef bint matched = kind & MATCHED != 0, tells = kind & NAMED != 0
        cdef Element element = None
        classes.there = href.there = itemtype.there = False
        while attribute != NULL:
            known = numbered(attribute, _named)
            if known == CLASS:
                classes = _value(attribute)
            elif known == HREF:
                href = _value(attribute)
            elif known == TYPE:
                matched = matched or _names_jsonld(_value(attribute))
            elif known == IDENTITY:
                if _words(_value(attribute)) & NAMING:
                    matched = tells = True
            elif known == RELATION:
                value = _value(attribute)
                if _names_author(value):
                    matched = tells = True
                elif value.length == 9 and _is(value.data, b"canonical", 9):
                    matched = True
            elif known == CONTENT:
                matched = True
            elif known == ITEMPROP:
                matched = tells = True
            elif known == ITEMTYPE:
                matched = True
                itemtype = _value(attribute)
            elif known == TESTED:
                matched = True
                if _words(_value(attribute)) & NAMING:
                    tells = True
            attribute = NEXT_ATTRIBUTE(attribute)
        if href.there and kind & (ANCHOR | HEAD) and _leads(href):
            matched = True
            if kind & ANCHOR and TO_PERSON.search(_text(href)):
                tells = True
        if matched and self.matched < MAX_TELLING:
            self.matched += 1
            if kind & HEAD and self.headed < MAX_ELEMENTS:
                self.headed += 1
                if kind & META:
                    self.read_meta(node)
                else:
                    element = _element(self.tree, node)
                    self.heads.append(element)
            if itemtype.there and len(self.itemtypes) < MAX_ITEMTYPES:
                self.itemtypes += _text(itemtype).lower().split()
            if tells and len(self.telling) < MAX_ELEMENTS:
                if element is None:
                    element = _element(self.tree, node)
                element.tells = True
                self.telling.append(element)
        if classes.there and self.named < MAX_CLASSED:
            self.named += 1
            bits = _words(classes)
            if bits & WIDE or classes.length > MAX_CLASS_CHARS:
                bits = _words_of(_text(classes))
            if bits & MARKING:
                if len(self.classed) < MAX_ELEMENTS:
                    if element is None:
                        element = _element(self.tree, node)
                    self.classed.append(element)
            elif bits & CRUMB and self.trail is None:
                if element is None:
                    element = _element(self.tree, node)
                self.trail = element
        return 0

    cdef int read_meta(self, Node* node) except -1:
        """Add what a meta says; stands for ``elements._read_meta``."""
        cdef int at
        cdef list contents
        cdef str content
        cdef Value[OTHER + 1] values
        _read_values(node, values)
        if not values[CONTENT].length:
            return 0
        content = _plain(values[CONTENT])
        if not content:
            return 0
        for at in range(4):
            if not values[META_NAMES[at]].length:
                continue
            for name in _text(values[META_NAMES[at]]).lower().split():
                contents = <list>self.metas.get(name)
                if contents is None:
                    self.metas[name] = [content]
                elif len(contents) < MAX_META_CONTENTS and content not in contents:
                    contents.append(content)
        return 0


cdef class Element:
    """An element that was found; see ``elements.Element``."""

    cdef _Tree tree
    cdef Node* node
    cdef readonly str tag
    cdef bint tells

    @property
    def attributes(self):
        return _attributes(self.node)

    @property
    def parent_tag(self):
        cdef Node* parent = self.node.parent
        return _tag(parent) if parent != NULL and parent.type == ELEMENT_NODE else ""

    def label(self):
        cdef Value[OTHER + 1] values
        _read_values(self.node, values)
        return _label(values)

    def within(self):
        return self.tree.within(self.node)

    def runs(self, Py_ssize_t most):
        return _runs(self.node, most)

    def text(self):
        return "".join(_runs(self.node, -1, True))

    def inner(self, str name):
        cdef list found = []
        cdef Node* node = self.node
        while node != NULL:
            if node.type == ELEMENT_NODE and _tag(node) == name:
                found.append(_element(self.tree, node))
            node = _next(node, self.node)
        return found


def find(tree not None):
    """Find what tells in a tree, a ``LexborHTMLParser`` (``FITS`` must be true)."""
    if not FITS or not isinstance(tree, _lexbor.LexborHTMLParser):
        raise TypeError("no tree of Lexbor's that can be read")
    found = TellingElements(_Tree(tree))
    root = tree.root
    if root is None:
        return found
    cdef Node* top = <Node*><size_t>root.mem_id
    cdef Node* node = _next(top, top)
    while node != NULL:
        if node.type == ELEMENT_NODE:
            (<TellingElements>found).take(node)
        node = _next(node, top)
    return found


def marks(TellingElements found not None, attribute_date not None):
    """Return what may contain a date or a name; stands for ``evidence.marks``.

    ``attribute_date`` gives the date in an element's attributes.
    """
    cdef list marks = []
    cdef Element element
    cdef Py_ssize_t visited = 0, telling = len(found.telling), at
    cdef int kind
    cdef Value[OTHER + 1] values
    cdef str value, text, label, within
    for at in range(telling + len(found.classed)):
        element = <Element>(found.telling[at] if at < telling else found.classed[at - telling])
        kind = _kind(element.node)
        if kind & REGION or at >= telling and element.tells:
            continue
        visited += 1
        _read_values(element.node, values)
        if kind & MICRODATA and not values[ITEMPROP].there:
            continue
        value = _text(values[DATETIME if values[DATETIME].length else CONTENT]).strip()
        if not value and (kind & TIME or "date" in _text(values[CLASS]).lower()):
            value = attribute_date(_attributes(element.node))
        text = _lines(element.node)
        if not text and not value:
            continue
        label = _label(values)
        if kind & ANCHOR and PROFILE.search(_text(values[HREF])):
            label += " author-page"
        within = element.tree.within(element.node)
        if _may_be_comment(label) or _may_be_comment(within):
            if COMMENTS.search(f"{label} {within}"):
                continue
        marks.append(tuple.__new__(_Mark, (text, value[:MAX_MARK_CHARS], element.tag, label, within)))
        if visited >= MAX_MARKS:
            break
    return marks


cdef bint _may_be_comment(str label) except -1:
    return "comment" in label or "disqus" in label


cdef inline Node* _next(Node* node, Node* top) noexcept:
    """Give the next node in document order, NULL where the element ``top`` ends."""
    return node.first_child if node.first_child != NULL else _behind(node, top)


cdef inline Node* _behind(Node* node, Node* top) noexcept:
    """Give the next node in document order that is not in this one, NULL where ``top`` ends."""
    while node != top and node.next == NULL:
        node = node.parent
    return NULL if node == top else node.next


cdef inline int _kind(Node* node) except -1:
    if node.name < NUMBERED and BY_NUMBER[node.name]:
        return BY_NUMBER[node.name]
    cdef size_t length = 0
    cdef const unsigned char* name = NAME(node, &length)
    cdef bytes key = name[:length]
    cdef int kind = SEEN | <int>NAMES.get(key, 0)
    if key in TELLING:
        kind |= MATCHED
    if node.name < NUMBERED:
        BY_NUMBER[node.name] = kind
    return kind


cdef int _named(const unsigned char* name, size_t length) noexcept:
    """Tell which attribute it is."""
    if length == 2:
        if memcmp(name, b"id", 2) == 0:
            return IDENTITY
    elif length == 3:
        if memcmp(name, b"rel", 3) == 0:
            return RELATION
    elif length == 4:
        if memcmp(name, b"href", 4) == 0:
            return HREF
        if memcmp(name, b"type", 4) == 0:
            return TYPE
        if memcmp(name, b"name", 4) == 0:
            return NAME_OF
    elif length == 5:
        if memcmp(name, b"class", 5) == 0:
            return CLASS
    elif length == 7:
        if memcmp(name, b"content", 7) == 0:
            return CONTENT
    elif length == 8:
        if memcmp(name, b"itemprop", 8) == 0:
            return ITEMPROP
        if memcmp(name, b"property", 8) == 0:
            return PROPERTY
        if memcmp(name, b"datetime", 8) == 0:
            return DATETIME
        if memcmp(name, b"itemtype", 8) == 0:
            return ITEMTYPE
    elif length == 10:
        if memcmp(name, b"http-equiv", 10) == 0:
            return EQUIVALENT
    elif length == 11:
        if memcmp(name, b"data-testid", 11) == 0:
            return TESTED
    return OTHER


cdef Element _element(_Tree tree, Node* node):
    cdef Element element = Element.__new__(Element)
    element.tree = tree
    element.node = node
    element.tag = _tag(node)
    return element


cdef str _tag(Node* node):
    # Of others ("foreignObject") the name may be written in two ways.
    return _decoded_name(node, NAME, TAG_NAMES, node.name < NUMBERED and node.space == HTML_SPACE)


cdef str _attribute_name(void* attribute, Node* element):
    cdef Node* node = <Node*>attribute
    cdef bint common = node.name < COMMON and not node.prefix and element.space == HTML_SPACE
    return _decoded_name(node, ATTRIBUTE, ATTRIBUTE_NAMES, common)


cdef str _decoded_name(Node* node, Words words, list names, bint common):
    """Decode the name of an element or attribute, a common one only once a process."""
    cdef size_t length = 0
    cdef const unsigned char* name
    cdef str text
    if common and names[node.name] is not None:
        return <str>names[node.name]
    name = words(node, &length)
    text = PyUnicode_DecodeUTF8(<const char*>name, length, "replace")
    if common:
        names[node.name] = text
    return text


cdef dict _attributes(Node* node):
    cdef dict given = {}
    cdef void* attribute = FIRST_ATTRIBUTE(node)
    cdef Value value
    while attribute != NULL:
        value = _value(attribute)
        given[_attribute_name(attribute, node)] = None if value.data == NULL else _text(value)
        attribute = NEXT_ATTRIBUTE(attribute)
    return given


cdef void _read_values(Node* node, Value* values) noexcept:
    """Read an element's attributes, by what they tell; a missing one has no data."""
    cdef void* attribute = FIRST_ATTRIBUTE(node)
    memset(values, 0, (OTHER + 1) * sizeof(Value))
    while attribute != NULL:
        values[numbered(attribute, _named)] = _value(attribute)
        attribute = NEXT_ATTRIBUTE(attribute)


cdef inline Value _value(void* attribute) noexcept:
    cdef Value value
    cdef size_t length = 0
    value.data = VALUE(attribute, &length)
    value.length = 0 if value.data == NULL else <Py_ssize_t>length
    value.there = True
    return value


cdef inline str _text(Value value):
    if value.data == NULL:
        return ""
    return PyUnicode_DecodeUTF8(<const char*>value.data, value.length, "replace")


cdef list _runs(Node* top, Py_ssize_t max_chars, bint whole=False):
    """Give the runs of text that readers see in an element, or of ``whole`` its text; none when
    they have more characters."""
    cdef list runs = []
    cdef Py_ssize_t size = 0
    cdef Node* node = _next(top, top)
    cdef Text* text_node
    cdef str text
    cdef int kind
    cdef bint joins = False
    while node != NULL:
        kind = 0
        if node.type == TEXT_NODE:
            text_node = <Text*>node
            if text_node.data != NULL and text_node.length:
                text = PyUnicode_DecodeUTF8(
                    <const char*>text_node.data, text_node.length, "replace"
                )
                size += len(text)
                if 0 <= max_chars < size:
                    return []
                if joins and runs and not whole:
                    runs[len(runs) - 1] += text
                else:
                    runs.append(text)
                joins = False
        elif node.type == ELEMENT_NODE and not whole:
            kind = _kind(node)
            joins = joins or kind & JOINS != 0
        node = _behind(node, top) if kind & UNREAD else _next(node, top)
    return runs


cdef enum:
    LABEL_CHARS = 200


cdef str _label(Value* values):
    """Join an element's class, id, rel, itemprop and test id, in lower case."""
    cdef unsigned char[LABEL_CHARS] label
    cdef Py_ssize_t size = 0, at
    cdef int each
    cdef unsigned char char
    cdef bint apart
    for each in range(TESTED + 1):
        apart = True
        for at in range(values[each].length):
            char = values[each].data[at]
            if char >= 0x80:
                said = [_text(values[number]) for number in range(TESTED + 1)]
                return " ".join(" ".join(said).lower().split())[:LABEL_CHARS]
            if char == c" " or c"\t" <= char <= c"\r" or 0x1C <= char <= 0x1F:
                apart = True
                continue
            if apart and 0 < size < LABEL_CHARS:
                label[size] = c" "
                size += 1
            if size < LABEL_CHARS:
                label[size] = char | 0x20 if c"A" <= char <= c"Z" else char
                size += 1
            apart = False
    return PyUnicode_FromKindAndData(1, label, size) if size else ""


cdef str _plain(Value value):
    """Return a value as one line of text; stands for ``jsonld.plain``."""
    cdef Py_ssize_t at
    cdef unsigned char char, before = 0
    cdef str text = _text(value)
    for at in range(value.length):
        char = value.data[at]
        if not 0x20 <= char < 0x7F or char == c"&" or char == c"<" or char == before == c" ":
            return _plain_text(text)
        before = char
    return text.strip(" ")


cdef str _lines(Node* top):
    """Return an element's text, one line per run; stands for ``evidence._lines``."""
    cdef list lines = []
    cdef str run, line
    for run in _runs(top, MAX_RUN_CHARS):
        line = " ".join(run.split())
        if line:
            lines.append(line)
    line = "\n".join(lines)
    return line if len(line) <= MAX_MARK_CHARS else ""


cdef inline bint _is(const unsigned char* data, const char* word, Py_ssize_t length) noexcept:
    """Tell whether a word of lower-case letters stands there, in any case."""
    cdef Py_ssize_t at
    for at in range(length):
        if data[at] | 0x20 != <unsigned char>word[at]:
            return False
    return True


cdef int _words(Value value) noexcept:
    """Give the words that an attribute's value holds, in any case, as bits."""
    cdef Py_ssize_t at, step
    cdef unsigned char all_bits = 0
    cdef int bits = 0, pair = 0, number
    cdef Word* word
    for at in range(value.length):
        all_bits |= value.data[at]
        pair = (pair & 31) << 5 | LETTER[value.data[at]]
        if not FIRST[pair]:
            continue
        word = &IN_ORDER[FIRST[pair] - 1]
        for number in range(COUNT[pair]):
            step = 0
            if word.length < value.length - at:
                while step < word.length and value.data[at + 1 + step] | 0x20 == word.rest[step]:
                    step += 1
                if step == word.length:
                    bits |= word.bits
            word += 1
    return bits | WIDE if all_bits >= 0x80 else bits


cdef bint _names_jsonld(Value value) noexcept:
    cdef Py_ssize_t at
    for at in range(value.length - 6):
        if (
            value.data[at + 2] == c"+"
            and _is(value.data + at, b"ld", 2)
            and _is(value.data + at + 3, b"json", 4)
        ):
            return True
    return False


cdef bint _names_author(Value value) noexcept:
    """Tell whether one of the words between white space is "author"."""
    cdef Py_ssize_t at
    for at in range(value.length - 5):
        if (
            value.data[at] == c"a"
            and memcmp(value.data + at, b"author", 6) == 0
            and (at == 0 or _is_space(value.data[at - 1]))
            and (at + 6 == value.length or _is_space(value.data[at + 6]))
        ):
            return True
    return False


cdef bint _leads(Value href) noexcept:
    """Tell whether an address may be of a page about somebody."""
    cdef Py_ssize_t at
    cdef const unsigned char* data = href.data
    for at in range(href.length - 3):
        if data[at] == c"/":
            if data[at + 1] == c"a" and data[at + 2] == c"u" and data[at + 3] == c"t":
                return True
            if data[at + 1] == c"p" and href.length - at >= 8:
                if memcmp(data + at, b"/people/", 8) == 0:
                    return True
            if data[at + 1] == c"s" and href.length - at >= 7:
                if memcmp(data + at, b"/staff/", 7) == 0:
                    return True
    return False


cdef inline bint _is_space(unsigned char char) noexcept:
    return char == c" " or char == c"\t" or char == c"\n" or char == c"\f" or char == c"\r"


cdef int _words_of(str names) except -1:
    """Give the words of a class that is long, or has letters beyond ASCII."""
    cdef str lowered = names[:MAX_CLASS_CHARS].lower()
    for word in CLASS_WORDS:
        if word in lowered:
            return MARKING
    return CRUMB if "crumb" in lowered else 0

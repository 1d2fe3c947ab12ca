# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Reading blocks, compiled: it stands for ``blocks.walk`` and gives the same page.

Lexbor writes the body out, well-formed whatever it was, and one pass reads that: a third of the
time that asking each node of the tree takes.
"""

import re

from cpython.unicode cimport (
    Py_UCS1,
    Py_UCS2,
    PyUnicode_DATA,
    PyUnicode_Find,
    PyUnicode_FindChar,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
)
from libc.stdlib cimport free, realloc

from tasks.cleaning.html import page as _page
from tasks.cleaning.html import vocabulary as _vocabulary

cdef extern from "Python.h":
    bint Py_UNICODE_ISSPACE(Py_UCS4)

cdef int TEXT = _page.TEXT, OTHER = _page.OTHER, SKIP = _page.SKIP, PICTURE = _page.PICTURE
cdef int BLOCKS = _page.BLOCKS, BREAK = _page.BREAK, LINK = _page.LINK, STRONG = _page.STRONG
cdef Py_ssize_t MAX_BLOCKS = _page.MAX_BLOCKS
cdef long long UNSEEN = _page.UNSEEN, HIDDEN = _vocabulary.HIDDEN, BODY = _vocabulary.BODY
cdef object ROLES = _page.ROLES
cdef dict BY_TAG = _vocabulary.BY_TAG, BY_ROLE = _vocabulary.BY_ROLE
cdef object word_groups = _vocabulary.word_groups
cdef frozenset HIDING = _vocabulary.HIDING_CLASSES
cdef frozenset SHOWING = _vocabulary.SHOWING_CLASSES

# Elements without an end tag when HTML is written, and those whose text is written as it is.
cdef frozenset EMPTY_ONES = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source "
    "track wbr".split()
)
cdef frozenset RAW_ONES = frozenset("script style xmp iframe noembed noframes plaintext".split())

# What is known of elements by their names: the role, then flags, then landmarks.
cdef enum:
    ROLES_BITS = 15
    EMPTY = 16
    RAW = 32
    TEMPLATE = 64
    MARKS_FROM = 8
cdef dict KINDS = {}

_IN_SCRIPT = re.compile(r"<!---*>|<!--|-->|<(/?)script[\s/>]", re.I)

# What of an element's content is read: nothing of a template's, of a script's white space alone.
cdef int GONE = 0, DEAD = 1, ALIVE = 2

cdef struct Element:
    Py_ssize_t name  # where its name stands, and how long it is
    Py_ssize_t length
    Py_ssize_t owner  # its container, and that one's depth and landmarks
    Py_ssize_t depth
    long long marks
    Py_ssize_t link
    long long about
    bint strong
    int state


# Attributes that reading knows, the class first; those up to ITEMPROP name the element.
cdef enum:
    CLASS, IDENTITY, TESTED, COMPONENT, QUALITY, MODULE, ITEMPROP, ROLE, STYLE, CONCEALED, COVERED
    KNOWN

cdef struct Value:
    Py_ssize_t start  # -1: the attribute is not there
    Py_ssize_t end


def read(str html not None, page not None):
    """Fill the page from a body that Lexbor wrote; False where what is written is not the tree.

    HTML has no way to write an element that holds nothing inside mathematics, or markup in
    ``plaintext``.
    """
    return _Reader(html, page).run()


def count(str html not None, Py_UCS4 char):
    """Count an ASCII character, in a fifth of the time that ``str.count`` takes."""
    cdef Py_ssize_t size = len(html), at = 0, end, found = 0
    cdef const Py_UCS1* narrow
    cdef const Py_UCS2* wide
    cdef Py_UCS1 sought = <Py_UCS1>char, few
    if PyUnicode_KIND(html) > 2:
        return html.count(chr(char))
    narrow = <const Py_UCS1*>PyUnicode_DATA(html)
    wide = <const Py_UCS2*>PyUnicode_DATA(html)
    while at < size:
        end = min(size, at + 255)  # counted in octets, sixteen at once
        few = 0
        if PyUnicode_KIND(html) == 1:
            while at < end:
                few += narrow[at] == sought
                at += 1
        else:
            while at < end:
                few += wide[at] == sought
                at += 1
        found += few
    return found


cdef class _Reader:
    cdef str html
    cdef int kind
    cdef void* data
    cdef Py_ssize_t size
    cdef Element* opened
    cdef Py_ssize_t count
    cdef Py_ssize_t room
    cdef list text, container, linked, strong, links, inline, images
    cdef list parents, tags, depths, groups, landmarks, keys
    cdef list buffer
    # Of the block that is being read; see Page.
    cdef Py_ssize_t current, linked_now, strong_now, links_now, images_now, later
    cdef long long inline_now
    cdef Py_ssize_t link, last_link
    cdef bint broken, full, strange

    def __cinit__(self, str html, page):
        self.html = html
        self.kind = PyUnicode_KIND(html)
        self.data = PyUnicode_DATA(html)
        self.size = len(html)
        self.text, self.container, self.linked = page.text, page.container, page.linked
        self.strong, self.links, self.inline = page.strong, page.links, page.inline
        self.images = page.images
        boxes = page.containers
        self.parents, self.tags, self.depths = boxes.parent, boxes.tag, boxes.depth
        self.groups, self.landmarks, self.keys = boxes.groups, boxes.landmarks, boxes.key
        self.buffer = []

    def __dealloc__(self):
        free(self.opened)

    cdef inline Py_UCS4 char(self, Py_ssize_t at) noexcept:
        return PyUnicode_READ(self.kind, self.data, at) if at < self.size else 0

    cdef inline Py_ssize_t find(self, Py_UCS4 char, Py_ssize_t at) except -2:
        """Give the next place of a character, or the end."""
        if at >= self.size:
            return self.size
        cdef Py_ssize_t found = PyUnicode_FindChar(self.html, char, at, self.size, 1)
        return self.size if found < 0 else found

    cdef inline Py_ssize_t after(self, str what, Py_ssize_t at) except -2:
        """Give the place behind the next ``what``, or the end."""
        cdef Py_ssize_t found = PyUnicode_Find(self.html, what, at, self.size, 1)
        return self.size if found < 0 else found + len(what)

    cdef inline bint says(self, Py_ssize_t at, const char* what) noexcept:
        cdef Py_ssize_t step = 0
        while what[step]:
            if self.char(at + step) != <Py_UCS4>what[step]:
                return False
            step += 1
        return True

    cdef run(self):
        cdef Py_ssize_t at = 0, end
        cdef Py_UCS4 following
        self.push(Element(0, 0, -1, -1, 0, 0, 0, False, ALIVE), 0, 0)
        while at < self.size and not self.full and not self.strange:
            if self.char(at) != c"<":
                end = self.find(c"<", at)
                self.read_text(at, end, True)
                at = end
                continue
            following = self.char(at + 1)
            if following == c"/":
                end = self.find(c">", at)
                self.close(at + 2, end)
                at = end + 1
            elif following == c"!" and self.says(at, b"<!--"):
                at = self.after("-->", at + 4)
            elif following == c"!" or following == c"?":
                at = self.find(c">", at) + 1
            else:
                at = self.open(at + 1)
        if self.buffer:
            self.flush()
        return not self.strange and (self.full or self.count == 1)

    cdef int push(self, Element one, Py_ssize_t name, Py_ssize_t length) except -1:
        cdef Element* more
        if self.count == self.room:
            self.room = 2 * self.room + 64
            more = <Element*>realloc(self.opened, self.room * sizeof(Element))
            if more == NULL:
                raise MemoryError
            self.opened = more
        one.name = name
        one.length = length
        self.opened[self.count] = one
        self.count += 1
        return 0

    cdef int close(self, Py_ssize_t start, Py_ssize_t end) except -1:
        """Close the element that was opened last; another name is none that is read here."""
        cdef Element* element = &self.opened[self.count - 1]
        cdef Py_ssize_t step = 0
        if element.length == end - start:
            while step < element.length and (
                self.char(element.name + step) == self.char(start + step)
            ):
                step += 1
        if step and step == element.length:
            self.count -= 1
        else:
            self.strange = True
        return 0

    cdef Py_ssize_t open(self, Py_ssize_t start) except -1:
        """Read a start tag, and the text in it where that is raw; give the place behind."""
        cdef Py_ssize_t at = start, name, end, told = 0
        cdef Py_UCS4 char = self.char(at)
        cdef Value value
        cdef Value values[KNOWN]
        cdef int known
        cdef bint telling = False
        while at < self.size and char != c" " and char != c">":
            at += 1
            char = self.char(at)
        cdef Py_ssize_t length = at - start
        for known in range(KNOWN):
            values[known] = Value(-1, -1)
        while char == c" ":
            name = at + 1
            at = self.find(c"=", name + 1)
            known = self.attribute(name, at - name)
            value.start = at + 2
            value.end = self.find(c'"', value.start)
            at = value.end + 1
            char = self.char(at)
            if known >= 0:
                values[known] = value
                telling = telling or known > CLASS
        at += 1  # ">"
        cdef str tag = PyUnicode_Substring(self.html, start, start + length)
        cdef object stored = KINDS.get(tag)
        cdef long long kind = _kind(tag) if stored is None else stored
        self.enter(tag, kind, start, length, values, telling)
        if not kind & RAW:
            return at
        if length == 9 and tag == "plaintext":
            self.strange = True
        end = self.end_of(tag, at)
        if end > at:
            self.read_text(at, end, False)
        return end

    cdef bint names_script(self, Py_ssize_t at) noexcept:
        """Tell whether "script" stands there, in any case."""
        cdef const char* name = b"script"
        cdef Py_ssize_t step
        for step in range(6):
            if (<unsigned int>self.char(at + step) | 0x20) != <unsigned int>name[step]:
                return False
        return True

    cdef Py_ssize_t end_of(self, str tag, Py_ssize_t start) except -1:
        """Find the end tag of an element whose text is raw."""
        cdef bytes closing = f"</{tag}>".encode()
        cdef Py_ssize_t at = start
        cdef bint script = tag == "script", commented = False
        while (at := self.find(c"<", at)) < self.size:
            if self.says(at, closing):
                return at
            if script:
                if self.says(at, b"<!--"):
                    commented = True
                elif commented and self.names_script(at + 1):
                    return _end_of_script(self.html, start)
            at += 1
        return self.size

    cdef int attribute(self, Py_ssize_t name, Py_ssize_t length) noexcept:
        """Number an attribute that reading knows; -1 for any other."""
        if length == 5:
            if self.says(name, b"class"):
                return CLASS
            if self.says(name, b"style"):
                return STYLE
        elif length == 2:
            if self.says(name, b"id"):
                return IDENTITY
        elif length == 4:
            if self.says(name, b"role"):
                return ROLE
        elif length == 6:
            if self.says(name, b"hidden"):
                return CONCEALED
        elif length == 7:
            if self.says(name, b"data-qa"):
                return QUALITY
        elif length == 8:
            if self.says(name, b"itemprop"):
                return ITEMPROP
        elif length == 11:
            if self.says(name, b"aria-hidden"):
                return COVERED
            if self.says(name, b"data-testid"):
                return TESTED
            if self.says(name, b"data-module"):
                return MODULE
        elif length == 14:
            if self.says(name, b"data-component"):
                return COMPONENT
        return -1

    cdef str value(self, Value value):
        cdef str text = PyUnicode_Substring(self.html, value.start, value.end)
        return _unescaped(text) if "&" in text else text

    cdef bint hides(self, Value* values) except -1:
        """Tell whether an element's attributes hide it."""
        cdef str style
        if values[CONCEALED].start >= 0:
            return True
        if values[COVERED].start >= 0 and self.value(values[COVERED]) == "true":
            return True
        if values[STYLE].start >= 0:
            style = self.value(values[STYLE])
            return "none" in style and "display:none" in style.replace(" ", "").lower()
        return False

    cdef int enter(
        self, str tag, long long kind, Py_ssize_t start, Py_ssize_t length, Value* values,
        bint telling,
    ) except -1:
        """Do what an element's role asks for, and open it unless it holds nothing."""
        cdef Element one = self.opened[self.count - 1]
        cdef int role = kind & ROLES_BITS, state = one.state, known
        cdef Py_ssize_t owner = one.owner
        cdef long long bits
        cdef str names, told
        if role == BREAK:
            if state != GONE and self.buffer:
                if self.broken:
                    self.flush()
                else:
                    self.buffer.append("\n")
                    self.broken = True
        if role < LINK and role != BLOCKS or state != ALIVE:
            if role == PICTURE and state == ALIVE:
                if self.buffer:
                    self.later += 1
                else:
                    self.images_now += 1
            if not kind & EMPTY:
                if state != GONE:
                    one.state = GONE if kind & TEMPLATE else DEAD
                self.push(one, start, length)
            return 0
        names = self.value(values[CLASS]) if values[CLASS].end > values[CLASS].start else None
        if role == BLOCKS:
            if self.buffer:
                self.flush()
            one.owner = self.current = len(self.tags)
            if len(self.text) >= MAX_BLOCKS or self.current >= 8 * MAX_BLOCKS:
                self.full = True
                return 0
            one.marks |= kind >> MARKS_FROM
            one.depth += 1
            bits = 0
            told = names
            if telling:
                told = names or ""
                for known in range(IDENTITY, ITEMPROP + 1):
                    if values[known].start >= 0:
                        told = f"{told} {self.value(values[known])}"
                if values[ROLE].start >= 0:
                    one.marks |= <long long>BY_ROLE.get(self.value(values[ROLE]), 0)
                if self.hides(values):
                    one.marks |= HIDDEN
                if values[ITEMPROP].start >= 0 and self.value(values[ITEMPROP]) == "articleBody":
                    one.marks |= BODY
            if told:
                bits = class_bits(told)
                if bits & UNSEEN:
                    one.marks |= HIDDEN
                    bits ^= UNSEEN
            self.parents.append(owner)
            self.depths.append(one.depth)
            self.tags.append(tag)
            self.groups.append(bits)
            self.landmarks.append(one.marks)
            self.keys.append(hash((owner, tag, names)))
            one.about = 0
        else:
            if role == LINK:
                self.link += 1
                one.link = self.link
            elif role == STRONG:
                one.strong = True
            if names:
                one.about |= class_bits(names)
            if telling and self.hides(values):
                one.about |= UNSEEN
        if not kind & EMPTY:
            self.push(one, start, length)
        return 0

    cdef int read_text(self, Py_ssize_t start, Py_ssize_t end, bint escaped) except -1:
        """Take a text node's part."""
        cdef Element* around = &self.opened[self.count - 1]
        cdef Py_ssize_t at = start, length
        cdef Py_UCS4 char
        cdef str text
        if around.state == GONE:
            return 0
        while at < end and self.char(at).isspace():
            at += 1
        if at == end:
            if self.buffer:
                self.buffer.append(" ")
            return 0
        if around.state == DEAD and self.char(at) != c"&":
            return 0
        text = PyUnicode_Substring(self.html, start, end)
        if escaped and "&" in text:
            text = _unescaped(text)
            if text.isspace():
                if self.buffer:
                    self.buffer.append(" ")
                return 0
        if around.state == DEAD:
            return 0
        if around.owner != self.current:
            if self.buffer:
                self.flush()
            self.current = around.owner
        if "\n" in text and self.tags[around.owner] != "pre":
            text = text.replace("\n", " ")
        self.broken = False
        length = len(text)
        if around.link:
            self.linked_now += length
            if around.link != self.last_link:
                self.links_now += 1
                if self.last_link:  # two links that touch are two words
                    self.buffer.append(" ")
                self.last_link = around.link
        if around.strong:
            self.strong_now += length
        self.inline_now |= around.about
        self.buffer.append(text)
        return 0

    cdef int flush(self) except -1:
        """End the block."""
        cdef str joined = self.buffer[0] if len(self.buffer) == 1 else "".join(self.buffer)
        cdef str text
        if _is_plain(joined):
            text = joined
        elif self.tags[self.current] == "pre":
            text = joined.strip("\n").rstrip() if not joined.isspace() else ""
        elif "\n" in joined:
            text = "\n".join([
                kept for line in joined.split("\n") if (kept := " ".join(line.split()))
            ])
        else:
            text = " ".join(joined.split())
        if text:
            self.text.append(text)
            self.container.append(self.current)
            self.linked.append(self.linked_now)
            self.strong.append(self.strong_now)
            self.links.append(self.links_now)
            self.inline.append(self.inline_now)
            self.images.append(self.images_now)
            self.images_now = 0
        self.images_now += self.later
        self.buffer.clear()
        self.linked_now = self.strong_now = self.links_now = self.last_link = self.later = 0
        self.inline_now = 0
        self.broken = False
        return 0


cdef str _unescaped(str text):
    """Undo what a serialiser escapes; "&" last, so that nothing is undone twice."""
    text = text.replace("&quot;", '"').replace("&nbsp;", "\xa0")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


cdef Py_ssize_t _end_of_script(str html, Py_ssize_t at) except -1:
    """Find the end tag of a script with comments: one of a script in a comment is not its own."""
    cdef bint commented = False, inner = False
    for found in _IN_SCRIPT.finditer(html, at):
        if found.group().endswith("->"):
            commented = inner = False
        elif found.group() == "<!--":
            commented = True
        elif not found.group(1):
            inner = commented
        elif not inner:
            return found.start()
        else:
            inner = False
    return len(html)


cdef long long _kind(str tag) except -1:
    """Tell what is known of elements of a name, and keep it."""
    cdef long long kind = <long long>ROLES[tag] | <long long>BY_TAG.get(tag, 0) << MARKS_FROM
    if tag in EMPTY_ONES:
        kind |= EMPTY
    elif tag in RAW_ONES:
        kind |= RAW
    elif tag == "template":
        kind |= TEMPLATE
    if len(KINDS) < 4_096:  # names are the page's own
        KINDS[tag] = kind
    return kind


cdef dict CLASSES = {}
cdef dict WORDS = {}


cdef long long class_bits(str names) except -1:
    """Give the groups of class names, with UNSEEN; stands for ``class_evidence``."""
    cdef object known = CLASSES.get(names)
    if known is not None:
        return known
    cdef str lowered = names[:300].lower()
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
    classes = names[:300].split()
    if not HIDING.isdisjoint(classes) and SHOWING.isdisjoint(classes):
        bits |= UNSEEN
    if len(CLASSES) >= 32_768:
        CLASSES.clear()
    CLASSES[names] = bits
    return bits


cdef bint _is_plain(str text) noexcept:
    """Tell whether all white space of a text is single spaces between words."""
    cdef bint spaced = True
    cdef Py_UCS4 char
    for char in text:
        if char == c" ":
            if spaced:
                return False
            spaced = True
        elif char.isspace():
            return False
        else:
            spaced = False
    return not spaced

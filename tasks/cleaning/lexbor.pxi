# Lexbor's own tree, by the functions that selectolax exports: no object is made for a node.
# Included by modules that go through it; ``prepare`` must have said yes before they do.

import ctypes

from libc.string cimport memcmp

from selectolax import lexbor as _lexbor


# Nodes as selectolax declares them (lexbor.pxd); ``_fits`` tries if they are so.
cdef struct Node:
    void* events
    size_t name
    size_t prefix
    size_t space
    void* document
    Node* next
    Node* prev
    Node* parent
    Node* first_child
    Node* last_child
    void* user
    int type

cdef struct Text:
    Node node
    const unsigned char* data
    size_t length

cdef enum:
    ELEMENT_NODE = 1
    TEXT_NODE = 3
    NUMBERED = 512  # elements that Lexbor knows have lower numbers
    COMMON = 128  # the attributes that it knows have lower numbers
    HTML_SPACE = 2  # the namespace of HTML's own

ctypedef void* (*Step)(void*) noexcept nogil
ctypedef const unsigned char* (*Words)(void*, size_t*) noexcept nogil
ctypedef size_t (*Number)(void*) noexcept nogil
ctypedef int (*Numbering)(const unsigned char*, size_t) noexcept

cdef Step FIRST_ATTRIBUTE = NULL, NEXT_ATTRIBUTE = NULL
cdef Step FIRST_CHILD = NULL, NEXT = NULL, PARENT = NULL
cdef Words NAME = NULL, ATTRIBUTE = NULL, VALUE = NULL
cdef Number TAG = NULL

# A module's own numbers of attributes by those that Lexbor gives, two more than they are: 0 until
# one is met.
cdef int[COMMON] ATTRIBUTE_BY_NUMBER


cdef inline int numbered(void* attribute, Numbering number) noexcept:
    """Number an attribute, as ``number`` does by its name: from -1 on.

    An attribute of Lexbor's is a node, too.
    """
    cdef Node* node = <Node*>attribute
    cdef bint common = node.name < COMMON and not node.prefix  # "xlink:href" is none
    cdef const unsigned char* name
    cdef size_t length = 0
    cdef int known
    if common and ATTRIBUTE_BY_NUMBER[node.name]:
        return ATTRIBUTE_BY_NUMBER[node.name] - 2
    name = ATTRIBUTE(attribute, &length)
    known = number(name, length if name != NULL else 0)
    if common:
        ATTRIBUTE_BY_NUMBER[node.name] = known + 2
    return known


cdef size_t _address(library, str name) except 0:
    """Give a function of Lexbor; AttributeError where selectolax does not export it."""
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value


cdef bint prepare() except -1:
    """Find Lexbor's functions, and try if its nodes are as declared above."""
    global FIRST_ATTRIBUTE, NEXT_ATTRIBUTE, FIRST_CHILD, NEXT, PARENT, NAME, ATTRIBUTE, VALUE, TAG
    try:
        library = ctypes.CDLL(_lexbor.__file__)
        FIRST_ATTRIBUTE = <Step>_address(library, "lxb_dom_element_first_attribute_noi")
        NEXT_ATTRIBUTE = <Step>_address(library, "lxb_dom_element_next_attribute_noi")
        FIRST_CHILD = <Step>_address(library, "lxb_dom_node_first_child_noi")
        NEXT = <Step>_address(library, "lxb_dom_node_next_noi")
        PARENT = <Step>_address(library, "lxb_dom_node_parent_noi")
        NAME = <Words>_address(library, "lxb_dom_element_qualified_name")
        ATTRIBUTE = <Words>_address(library, "lxb_dom_attr_qualified_name")
        VALUE = <Words>_address(library, "lxb_dom_attr_value_noi")
        TAG = <Number>_address(library, "lxb_dom_node_tag_id_noi")
    except (AttributeError, OSError):
        return False
    return _fits()


cdef bint _fits() except -1:
    """Tell whether nodes lie in memory as declared: a small tree is read in both ways."""
    cdef bytes text = b"as long as nothing else that stands in a node. " * 7
    tree = _lexbor.LexborHTMLParser(b"<body><p id=a>" + text + b"<b></b></p><p></p><br>")
    body = tree.body
    cdef Node* top = <Node*><size_t>body.mem_id
    cdef Node* node = top
    cdef Text* told
    cdef int texts = 0, elements = 0
    while True:
        if (
            node.first_child != FIRST_CHILD(node) or node.next != NEXT(node)
            or node.parent != PARENT(node) or node.name != TAG(node)
        ):
            return False
        if node.type == TEXT_NODE:
            told = <Text*>node
            if told.length != <size_t>len(text):
                return False
            if memcmp(told.data, <const unsigned char*>text, told.length):
                return False
            texts += 1
        elif node.type == ELEMENT_NODE:
            if node.space != HTML_SPACE:
                return False
            elements += 1
        else:
            return False
        if node.first_child != NULL:
            node = node.first_child
            continue
        while node != top and node.next == NULL:
            node = node.parent
        if node == top:
            return texts == 1 and elements == 5
        node = node.next

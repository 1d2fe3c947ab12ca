# What is measured of a block: the rows of ``texts.Texts.figures``, and classes of characters by
# their bit (characters.py). The first rows count the classes.

cdef enum:
    UPPER = 0
    LETTER, DIGIT, SPACE, END, PAUSE, QUOTE, SYMBOL, UNSPACED, DENSE
    CLASSES
    LINES = CLASSES
    COLON, REPEATS, EARLIER, WORDS, TITLED, DESCRIBED, LENGTH, LINKED, STRONG, LINKS, IMAGES, TAG

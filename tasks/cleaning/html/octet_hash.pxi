# A hash of octets, eight at once. With a secret odd ``factor`` no page can foresee it.

from libc.string cimport memcpy


cdef inline unsigned long long octet_hash(
    const unsigned char* data, size_t size, unsigned long long factor
) noexcept:
    cdef unsigned long long key = size * factor, part
    while size >= 8:
        memcpy(&part, data, 8)
        key = (key ^ part) * factor
        key ^= key >> 32
        data += 8
        size -= 8
    part = 0
    memcpy(&part, data, size)
    key = (key ^ part) * factor
    return key ^ key >> 32

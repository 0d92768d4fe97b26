"""udf_iso.py: the ISO 9660 half of a disc that has both."""
import struct

from udf_disc import *


def both(form, value):
    return struct.pack('<' + form, value) + struct.pack('>' + form, value)


def record(name, block, size, flags=0):
    body = both('I', block) + both('I', size) + bytes([119, 3, 7, 11, 22, 0, 0, flags, 0, 0]) + both('H', 1)
    body += bytes([len(name)]) + name + bytes(len(name) % 2 == 0)
    return bytes([2 + len(body), 0]) + body


def primary(blocks, root, path_table):
    data = b'\1CD001\1\0' + b'TRAWL'.ljust(32) + b'TRAWL'.ljust(32) + bytes(8) + both('I', blocks) + bytes(32)
    data += both('H', 1) + both('H', 1) + both('H', 2048) + both('I', 10) + struct.pack('<II', path_table, 0)
    data += struct.pack('>II', path_table + 1, 0) + record(b'\0', root, 2048, 2)
    data += b' ' * (128 * 4 + 37 * 3) + (b'0' * 16 + b'\0') * 4 + b'\1'
    return data


def bridge(made):
    """A file in both trees with the same extent, one in UDF only, and one in ISO 9660 only."""
    disc = Disc(2048, 0x102, anchors=(256, -1))
    shared, one, other = made('shared.bin', 5000), made('udf only.bin', 3000), made('iso only', 2500)
    places = {}

    def noted(name):
        def note(extents):
            places[name] = START + extents[0][2]
            return extents
        return note

    shared.spoil_extents = noted('shared')
    disc.write(Folder('', entries=[shared, one]))
    at = disc.data.take(2)
    disc.data.put(at, other.data.ljust(4096, GARBAGE))
    root, table = 20 + 24, 20 + 20
    image = disc.finish()
    blocks = len(image) // 2048
    disc.recognition(18 * 2048)
    disc.put(16, primary(blocks, root, table))
    disc.put(17, b'\xffCD001\1')
    for i, form in enumerate('<>'):
        disc.put(table + i, struct.pack(form + 'BBIH', 1, 0, root, 1) + bytes(2))
    names = record(b'\0', root, 2048, 2) + record(b'\1', root, 2048, 2)
    names += record(b'ISO_ONLY.BIN;1', START + at, 2500) + record(b'SHARED.BIN;1', places['shared'], 5000)
    disc.put(root, names)
    disc.expect('live', 'ISO_ONLY.BIN', 2500, digest([other.data], 2500))
    return disc, image

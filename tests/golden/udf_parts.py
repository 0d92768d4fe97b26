"""udf_parts.py: the structures of ECMA-167 (third edition) and of OSTA UDF, as bytes."""
import struct

TAG_SIZE = 16
SHORT, LONG, EMBED = 0, 1, 3
RECORDED, ALLOCATED, HOLE, CONTINUED = 0, 1, 2, 3
DIRECTORY, FILE, SYMLINK, STREAMS, VAT, METADATA, MIRROR = 4, 5, 12, 13, 248, 250, 251
HIDDEN, IS_DIRECTORY, DELETED, PARENT = 1, 2, 4, 8


def _crc_table():
    table = []
    for value in range(256):
        value <<= 8
        for _ in range(8):
            value = value << 1 ^ (0x1021 if value & 0x8000 else 0)
        table.append(value & 0xFFFF)
    return table


CRC_TABLE = _crc_table()


def crc(data):
    value = 0
    for byte in data:
        value = CRC_TABLE[value >> 8 ^ byte] ^ value << 8 & 0xFFFF
    return value


def tagged(ident, location, body, version=2, serial=0):
    """A descriptor with its tag; `body` is what follows the tag."""
    head = struct.pack('<HHBBHHHI', ident, version, 0, 0, serial, crc(body), len(body), location)
    return head[:4] + bytes([sum(head) & 0xFF]) + head[5:] + body


def again_tagged(block):
    """The same descriptor after its bytes were changed: the checksums are right again."""
    length = struct.unpack_from('<H', block, 10)[0]
    head = bytearray(block[:TAG_SIZE])
    struct.pack_into('<H', head, 8, crc(block[TAG_SIZE:TAG_SIZE + length]))
    head[4] = 0
    head[4] = sum(head) & 0xFF
    return bytes(head) + bytes(block[TAG_SIZE:])


def cs0(text, marks=(8, 16)):
    """Compressed unicode: 8 bits a character where that does."""
    if not text:
        return b''
    if all(ord(c) < 256 for c in text):
        return bytes([marks[0]]) + text.encode('latin-1')
    return bytes([marks[1]]) + text.encode('utf-16-be', 'surrogatepass')


def dstring(text, size):
    data = cs0(text)
    return data.ljust(size - 1, b'\0') + bytes([len(data)])


def regid(ident, suffix=b'', flags=0):
    return bytes([flags]) + ident.encode().ljust(23, b'\0') + suffix.ljust(8, b'\0')


def charspec():
    return b'\0' + b'OSTA Compressed Unicode'.ljust(63, b'\0')


def timestamp(second=0):
    """In UTC, 2019-03-07 11:22:SS."""
    return struct.pack('<HhBBBBBBBB', 0x1000, 2019, 3, 7, 11, 22, second, 0, 0, 0)


WRITER = regid('*trawl test')


def domain(revision):
    return regid('*OSTA UDF Compliant', struct.pack('<H', revision))


def udf_regid(ident, revision):
    return regid(ident, struct.pack('<HBB', revision, 4, 0))


def short_ad(kind, length, block):
    return struct.pack('<II', kind << 30 | length, block)


def long_ad(kind, length, block, partition, unique=0):
    return struct.pack('<IIHHI', kind << 30 | length, block, partition, 0, unique)


def anchor(location, main, reserve, version):
    body = struct.pack('<IIII', main[1], main[0], reserve[1], reserve[0]) + bytes(480)
    return tagged(2, location, body, version)


def primary_volume(location, version):
    body = struct.pack('<II', 1, 0) + dstring('TRAWL', 32) + struct.pack('<HHHHII', 1, 1, 2, 3, 1, 1)
    body += dstring('0123456789ABCDEFTRAWL', 128) + charspec() * 2 + bytes(16) + regid('') + timestamp() + WRITER
    return tagged(1, location, body + bytes(64 + 4 + 2 + 22), version)


def implementation_use(location, version, revision):
    body = struct.pack('<I', 2) + udf_regid('*UDF LV Info', revision) + charspec() + dstring('TRAWL', 128)
    return tagged(4, location, body + dstring('', 36) * 3 + WRITER + bytes(128), version)


def partition(location, version, number, start, length, access):
    contents = regid('+NSR02' if version == 2 else '+NSR03')
    body = struct.pack('<IHH', 3, 1, number) + contents + bytes(128) + struct.pack('<III', access, start, length)
    return tagged(5, location, body + WRITER + bytes(128 + 156), version)


def logical_volume(location, version, revision, block, file_set, integrity, maps):
    body = struct.pack('<I', 4) + charspec() + dstring('TRAWL', 128) + struct.pack('<I', block) + domain(revision)
    body += file_set + struct.pack('<II', sum(map(len, maps)), len(maps)) + WRITER + bytes(128)
    return tagged(6, location, body + struct.pack('<II', integrity[1], integrity[0]) + b''.join(maps), version)


def unallocated_space(location, version):
    return tagged(7, location, struct.pack('<II', 5, 0), version)


def volume_pointer(location, version, extent):
    return tagged(3, location, struct.pack('<III', 6, extent[1], extent[0]) + bytes(484), version)


def terminator(location, version):
    return tagged(8, location, bytes(496), version)


def integrity(location, version, revision, partitions):
    body = timestamp() + struct.pack('<III', 1, 0, 0) + struct.pack('<Q', 4096) + bytes(24)
    body += struct.pack('<II', partitions, 46) + bytes(8 * partitions) + WRITER
    return tagged(9, location, body + struct.pack('<IIHHH', 1, 1, revision, revision, revision), version)


def map_physical(number):
    return struct.pack('<BBHH', 1, 6, 1, number)


def _map_other(ident, revision, number, rest):
    return struct.pack('<BBH', 2, 64, 0) + udf_regid(ident, revision) + struct.pack('<HH', 1, number) + rest.ljust(24, b'\0')


def map_virtual(number, revision):
    return _map_other('*UDF Virtual Partition', revision, number, b'')


def map_sparable(number, revision, packet, size, places):
    rest = struct.pack('<HBBI', packet, len(places), 0, size)
    return _map_other('*UDF Sparable Partition', revision, number, rest + b''.join(struct.pack('<I', p) for p in places))


def map_metadata(number, revision, main, mirror, unit, is_double):
    rest = struct.pack('<IIIIHB', main, mirror, 0xFFFFFFFF, unit, 1, 1 if is_double else 0)
    return _map_other('*UDF Metadata Partition', revision, number, rest)


def sparing_table(location, version, revision, entries):
    body = udf_regid('*UDF Sparing Table', revision) + struct.pack('<HHI', len(entries), 0, 1)
    return tagged(0, location, body + b''.join(struct.pack('<II', *e) for e in entries), version)


def file_set(location, version, revision, root, following=bytes(16), streams=bytes(16)):
    body = timestamp() + struct.pack('<HHIIII', 3, 3, 1, 1, 0, 0) + charspec() + dstring('TRAWL', 128) + charspec()
    body += dstring('TRAWL', 32) + dstring('', 32) * 2 + root + domain(revision) + following + streams + bytes(32)
    return tagged(256, location, body, version)


def file_identifier(location, version, name, icb, flags=0, use=b'', length=None):
    """`name`: bytes of compressed unicode; `length`: another one than its own."""
    count = len(name) if length is None else length
    body = struct.pack('<HBB', 1, flags, count) + icb + struct.pack('<H', len(use)) + use + name
    return tagged(257, location, body + bytes(-(TAG_SIZE + len(body)) % 4), version)


def fid_size(name, use=b''):
    return (38 + len(use) + len(name) + 3) & ~3


def icb_tag(kind, ads, strategy=4, entries=1, prior=0):
    parameter = 1 if strategy == 4096 else 0
    return struct.pack('<IHHHBBIHH', prior, strategy, parameter, entries, 0, kind, 0, 0, ads)


def attributes(location, version):
    """Extended attributes of which nobody needs to know: free space of 64 bytes behind a head."""
    use = struct.pack('<IBBBBII', 2048, 1, 0, 0, 0, 64, 16) + regid('*UDF FreeEASpace') + bytes(16)
    return tagged(262, location, struct.pack('<II', 24, 24 + len(use)), version) + use


def file_entry(location, version, tag, size, ads, *, blocks=0, links=1, unique=0, ea=b'', lies=(None, None)):
    body = tag + struct.pack('<IIIHBBI', 0xFFFFFFFF, 0xFFFFFFFF, 0x14A5, links, 0, 0, 0) + struct.pack('<QQ', size, blocks)
    body += timestamp(1) + timestamp(2) + timestamp(3) + struct.pack('<I', 1) + bytes(16) + WRITER
    return tagged(261, location, body + _tail(unique, ea, ads, lies), version)


def extended_file_entry(location, version, tag, size, ads, *, blocks=0, links=1, unique=0, ea=b'', lies=(None, None),
                        streams=bytes(16), object_size=None):
    whole = size if object_size is None else object_size
    body = tag + struct.pack('<IIIHBBI', 0xFFFFFFFF, 0xFFFFFFFF, 0x14A5, links, 0, 0, 0)
    body += struct.pack('<QQQ', size, whole, blocks) + timestamp(1) + timestamp(2) + timestamp(0) + timestamp(3)
    body += struct.pack('<II', 1, 0) + bytes(16) + streams + WRITER
    return tagged(266, location, body + _tail(unique, ea, ads, lies), version)


def _tail(unique, ea, ads, lies):
    said = [len(given) if lie is None else lie for given, lie in zip((ea, ads), lies)]
    return struct.pack('<QII', unique, *said) + ea + ads


def allocation_extent(location, version, ads, previous=0):
    return tagged(258, location, struct.pack('<II', previous, len(ads)) + ads, version)


def indirect_entry(location, version, icb):
    return tagged(259, location, icb_tag(3, 0, 4096, 2) + icb, version)


def terminal_entry(location, version):
    return tagged(260, location, icb_tag(11, 0, 4096, 2), version)


def vat_old(entries, previous):
    return b''.join(struct.pack('<I', e) for e in entries) + udf_regid('*UDF Virtual Alloc Tbl', 0x150) + struct.pack('<I', previous)


def vat_new(entries, previous, revision):
    head = struct.pack('<HH', 152, 0) + dstring('TRAWL', 128) + struct.pack('<IIIHHHH', previous, 1, 1, revision, revision, revision, 0)
    return head + b''.join(struct.pack('<I', e) for e in entries)


def path_component(kind, name=''):
    data = cs0(name)
    return struct.pack('<BBH', kind, len(data), 0) + data

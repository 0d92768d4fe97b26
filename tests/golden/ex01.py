#!/usr/bin/env python3
"""Writes a disk as EnCase images of the second version: ex01.py DISK TARGET [CHUNKS OF A FILE]."""
import hashlib
import struct
import sys
import zlib

CHUNK = 64 * 512


def section(out, kind, data, previous):
    """Appends data and what describes it; returns where the description stands."""
    pad = -len(data) % 16
    out += data + bytes(pad)
    at = len(out)
    head = struct.pack('<IIQQII', kind, 0, previous, len(data) + pad, 64, pad) + bytes(28)
    out += head + struct.pack('<I', zlib.adler32(head))
    return at


def text(lines):
    return zlib.compress('\n'.join(lines).encode('utf-16'))


def pack(chunk, at):
    """What is stored at `at` for a chunk, and the entry that says so."""
    if chunk == chunk[:8] * (len(chunk) // 8):
        return b'', struct.pack('<8sII', chunk[:8], 0, 5)
    packed = zlib.compress(chunk, 1)
    if len(packed) < len(chunk):
        return packed + bytes(-len(packed) % 16), struct.pack('<QII', at, len(packed), 1)
    return chunk + struct.pack('<I', zlib.adler32(chunk)) + bytes(12), struct.pack('<QII', at, len(chunk) + 4, 2)


def write(target, number, disk, first, chunks, last):
    out = bytearray(b'EVF2\r\n\x81\0' + struct.pack('<BBHI', 2, 1, 1, number) + b'0123456789abcdef')
    at = section(out, 1, text(['1', 'main', 'ts\tbp\tph', f'{len(disk) // 512}\t512\t1', '', '']), 0)
    at = section(out, 2, text(['1', 'main', 'nm\tcn\tex\ttt\tsb', 'what\tCASE17\tA. Examiner\t1343347200\t64', '', '']), at)
    for start in range(first, chunks, 1000):
        data, table = bytearray(), bytearray()
        end = min(start + 1000, chunks)
        for i in range(start, end):
            stored, entry = pack(disk[i * CHUNK:(i + 1) * CHUNK], len(out) + len(data))
            data += stored
            table += entry
        at = section(out, 3, bytes(data), at)
        head = struct.pack('<QII', start, end - start, 0)
        at = section(out, 4, head + struct.pack('<I', zlib.adler32(head)) + bytes(12) + table +
                     struct.pack('<I', zlib.adler32(bytes(table))) + bytes(12), at)
    if last:
        md5 = hashlib.md5(disk).digest()
        at = section(out, 8, md5 + struct.pack('<I', zlib.adler32(md5)), at)
    section(out, 15 if last else 13, b'', at)
    with open(f'{target}.Ex{number:02}', 'wb') as file:
        file.write(out)


def main():
    with open(sys.argv[1], 'rb') as file:
        disk = file.read()
    chunks = -(-len(disk) // CHUNK)
    part = int(sys.argv[3]) if len(sys.argv) > 3 else chunks
    for number, first in enumerate(range(0, chunks, part), 1):
        write(sys.argv[2], number, disk, first, min(first + part, chunks), first + part >= chunks)


main()

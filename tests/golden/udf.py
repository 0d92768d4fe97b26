#!/usr/bin/env python3
"""Writes discs with UDF, and prints what is on each: udf.py FOLDER [CASE...]; `udf.py -l` lists the cases.

A line per file, in JSON: image, path, size, sha256 (null: of no matter) and state:
  live      is listed with these bytes, and nothing is said against it
  deleted   is listed, as not allocated, with these bytes
  orphan    the bytes are found, whatever they are called
  stream    is listed as a stream of its file
  hardlink  is listed as a further name; symlink: as such
  damaged   is listed, and as damaged: whether bytes can be given does not matter
  told      (path null) the disc or its volume says that something is amiss
"""
import json
import os
import struct
import sys

sys.dont_write_bytecode = True

import udf_iso
from udf_disc import *

CASES = {}


def case(function):
    CASES[function.__name__.replace('_', '-')] = function
    return function


def made(name, count, **more):
    return File(name, noise(name, count), **more)


def link(name, *components):
    return File(name, b''.join(components), ad=EMBED, kind=SYMLINK, state='symlink')


def everything(disc):
    """A tree with a file of each kind."""
    b = disc.block
    first = made('plain.bin', 5000)
    held = [Hole(b * 2), noise('held 1', b), Hole(b, ALLOCATED), noise('held 2', b), Hole(b * 3), noise('held 3', 99)]
    deep = Folder('deep', ad=EMBED, entries=[Folder('deeper', entries=[made('bottom.bin', 4001)])])
    many = [made(f'a name that takes some room, number {i}', 20 + i, ad=EMBED) for i in range(40)]
    entries = [
        first, made('embedded.txt', 100, ad=EMBED), made('long.bin', b * 3 + 1, ad=LONG), made('pieces.bin', b * 8 - 1, chunk=1),
        made('chained.bin', b * 24 - 5, chunk=1, aed=5), made('chained long.bin', b * 11 - 5, chunk=1, aed=3, ad=LONG),
        made('empty', 0), made('Grüße.bin', 1234), made('Ελληνικά 漢字.bin', 1235), made('n' * 253, 77), made('語' * 126, 78),
        File('holes.bin', held), File('holes long.bin', list(reversed(held[:5])), ad=LONG), made('less.bin', b * 4, size=b + 7),
        made('attributes.bin', 3000, ea=True), made('hidden.bin', 50, flags=HIDDEN), made('used.bin', 51, use=bytes(8)),
        Folder('sub', ad=EMBED, entries=[made('inner.bin', 3333), deep, Link('again.bin', first)]),
        Folder('many', chunk=1, entries=many), Folder('none'),
        Folder('gone too', flags=DELETED, entries=[made('in it.bin', 5004, state='deleted')]),
        link('link', path_component(4), path_component(5, 'sub'), path_component(5, 'inner.bin')),
        made('gone.bin', 5001, flags=DELETED, state='deleted'), made('gone small.bin', 60, ad=EMBED, flags=DELETED, state='deleted'),
        made('cleared.bin', 5002, flags=DELETED, state='orphan', is_cleared=True, marks=(254, 255)),
        made('unnamed.bin', 5003, is_orphan=True, state='orphan'), made('unnamed small.bin', 150, ad=EMBED, is_orphan=True, state='orphan')]
    if disc.efe:
        streams = [made('inside', 40, ad=EMBED, state='stream'), made('outside', b + 40, state='stream')]
        entries.append(made('streams.bin', 2000, streams=streams))
    return Folder('', entries=entries)


def plain(block, revision, kind='physical', **more):
    disc = Disc(block, revision, kind, **more)
    disc.write(everything(disc))
    if kind == 'virtual':
        disc.session()
        return disc, disc.finish(length=1 << 20)
    return disc, disc.finish()


def matrix():
    CASES['physical-201-32768'] = lambda: plain(32768, 0x201)
    for block in (512, 2048, 4096):
        for revision, kind in ((0x102, 'physical'), (0x150, 'virtual'), (0x150, 'sparable'), (0x201, 'physical'),
                               (0x201, 'virtual'), (0x201, 'sparable'), (0x250, 'metadata'), (0x260, 'physical')):
            more = {'anchors': (256,)} if kind == 'virtual' else {'metadata': 200} if kind == 'metadata' else {}
            CASES[f'{kind}-{revision:03x}-{block}'] = lambda a=(block, revision, kind), more=more: plain(*a, **more)


def few(*entries, finish=None, spoil_root=None, **more):
    """A small disc: a file before and one behind what the case is about."""
    disc = Disc(more.pop('block', 512), more.pop('revision', 0x201), more.pop('kind', 'physical'), **more)
    root = Folder('', entries=[made('before.bin', 1500), *entries, made('behind.bin', 1501)])
    root.spoil_names = spoil_root
    disc.write(root)
    if disc.kind == 'virtual':
        disc.session()
    return disc, disc.finish(**(finish or {}))


# Where the volume is found.

@case
def anchor_256_only():
    return few(anchors=(256,))


@case
def anchor_last():
    return few(anchors=(-1,))


@case
def anchor_last_257():
    return few(anchors=(-257,))


@case
def anchor_512():
    return few(anchors=(512,))


@case
def reserve_sequence():
    return few(finish={'spoil': lambda data: data[:20] + b'\x5a' + data[21:]})


@case
def reserve_sequence_zeros():
    return few(finish={'spoil': lambda data: bytes(len(data))})


@case
def pointed_sequence():
    return few(finish={'pointer': True})


@case
def two_partitions():
    return few(made('pieces.bin', 512 * 9, chunk=1, aed=3), Folder('sub', entries=[made('inner.bin', 700)]), kind='double')


@case
def cut():
    """The image ends before its root folder: what it still has is found."""
    disc, image = few(made('long.bin', 40000), anchors=(256,))
    disc.expected = [{**disc.expected[0], 'state': 'orphan'}]
    disc.expect('told', None, None, None)
    return disc, image[:-8 * disc.block]


@case
def volume_older():
    return few(finish={'has_stale': True})


@case
def pointer_to_itself():
    disc, image = few()
    for start in (MAIN, RESERVE):
        disc.put(start + 1, volume_pointer(start + 1, disc.version, (start, SEQUENCE * disc.block)))
        disc.put(start + 2, terminator(start + 2, disc.version))
    disc.expected = []
    disc.expect('told', None, None, None)
    return disc, image


@case
def metadata_double():
    return plain(2048, 0x260, 'metadata', metadata=128, is_double=True)


def mirrored(has_mirror_only):
    """What the metadata file holds cannot be read: its mirror can, and has blocks of its own."""
    disc = Disc(2048, 0x250, 'metadata', is_double=True)
    disc.write(Folder('', entries=[made('mirrored.bin', 3000), Folder('sub', entries=[made('inner.bin', 3001)])]))
    image = disc.finish(has_mirror_only=has_mirror_only)
    for i in range(2 * disc.meta.half):
        disc.put(disc.meta.place(i), GARBAGE * disc.block)
    return disc, image


@case
def metadata_entry_lost():
    return mirrored(True)


@case
def metadata_lost():
    return mirrored(False)


@case
def metadata_lost_in_part():
    """A block of the metadata file cannot be read: that of the mirror is."""
    disc = Disc(2048, 0x250, 'metadata', is_double=True)
    sub = Folder('sub', entries=[made('inner.bin', 3001)])
    disc.write(Folder('', entries=[made('mirrored.bin', 3000), sub]))
    image = disc.finish()
    disc.put(disc.meta.place(disc.icb(sub)[0]), GARBAGE * disc.block)
    return disc, image


def sessions(revision, cut):
    """Two sessions: a file is written anew, one is added, one is gone; `cut`: the second is not there."""
    disc = Disc(2048, revision, 'virtual', anchors=(256,))
    old, gone = made('changed.bin', 4000), made('gone later.bin', 4002)
    stays = made('stays.bin', 4001)
    root = Folder('', entries=[stays, old, gone])
    disc.write(root)
    disc.session()
    end = START + disc.data.next
    if not cut:
        disc.expected = []
        new = File('changed.bin', noise('changed', 4100))
        disc.icbs[new] = disc.icb(old)
        root.entries = [stays, new, made('added.bin', 4200)]
        disc.write(root)
        disc.session()
        disc.expect('orphan', None, 4000, digest([old.data], 4000))
        disc.expect('orphan', None, 4002, digest([gone.data], 4002))
    image = disc.finish(length=1 << 20)
    return disc, image[:end * disc.block] if cut else image


@case
def sessions_150():
    return sessions(0x150, False)


@case
def sessions_201():
    return sessions(0x201, False)


@case
def session_first():
    return sessions(0x201, True)


@case
def table_before_itself():
    """The newest table of virtual blocks names itself as the one before."""
    disc = Disc(2048, 0x201, 'virtual', anchors=(256,))
    disc.write(Folder('', entries=[made('one.bin', 4000)]))
    disc.previous = disc.data.next + 1
    disc.session()
    return disc, disc.finish(length=1 << 20)


@case
def sparable_all():
    """Every packet of the partition stands in the spare area, in another order."""
    return few(kind='sparable', remapped=(1, 2, 0), block=2048)


# Entries.

@case
def strategy_4096():
    return few(made('indirect.bin', 3000, strategy=4096), Folder('indirect', strategy=4096, entries=[made('in it.bin', 900)]))


@case
def indirect_loop():
    def loop(disc, at, again):
        icb = long_ad(0, 2 * disc.block, at, disc.meta.ref)
        disc.meta.put(again, indirect_entry(again, disc.version, icb))
        disc.meta.put(again + 1, indirect_entry(again + 1, disc.version, icb))
    return few(made('loop.bin', 3000, strategy=4096, spoil=loop, state='damaged'))


def bad_entry(state='damaged', **more):
    return few(made('bad.bin', 3000, state=state, **more))


@case
def entry_crc():
    def spoil(block):
        block[36] ^= 0x40
        return block
    return bad_entry(spoil=spoil)


@case
def entry_checksum():
    def spoil(block):
        block[4] ^= 0x40
        return block
    return bad_entry(spoil=spoil)


@case
def entry_zeros():
    return bad_entry(spoil=lambda block: bytes(len(block)))


@case
def entry_of_another_kind():
    return bad_entry(spoil=lambda block: terminator(0, 3))


@case
def folder_zeros():
    inner = made('lost.bin', 2000, state='orphan')
    return few(Folder('bad', entries=[inner], spoil=lambda block: bytes(len(block)), state='damaged'))


@case
def lying_descriptors():
    return bad_entry(lies=(None, 0xFFFFFFF0))


@case
def lying_attributes():
    return bad_entry(lies=(0xFFFFFFF0, None))


@case
def lying_both():
    return bad_entry(lies=(0x80000000, 0x80000000))


@case
def lying_embedded():
    return few(made('bad.bin', 100, ad=EMBED, lies=(None, 0x10000), state='damaged'))


@case
def size_beyond_embedded():
    return few(made('bad.bin', 100, ad=EMBED, size=300, state='damaged'))


@case
def chain_to_nothing():
    """The list of extents goes on in a block that has none."""
    def spoil(extents):
        return [(CONTINUED, 512, 1)]
    return bad_entry(spoil_extents=spoil)


@case
def size_beyond_extents():
    return bad_entry(size=100000)


@case
def size_beyond_all():
    disc, image = bad_entry(size=1 << 62, state=None)
    disc.expect('told', None, None, None)
    return disc, image


@case
def extent_outside():
    return bad_entry(spoil_extents=lambda e: [(RECORDED, 3000, 0x7FFFFFF0)])


@case
def extent_outside_partition():
    """The partition is said to be smaller than it is."""
    return few(made('bad.bin', 3000, state='damaged', spoil_extents=lambda e: [(RECORDED, 3000, 5000)]))


@case
def extents_to_themselves():
    """The allocation extent descriptor goes on with itself."""
    def loop(extents):
        return extents
    disc = Disc(512, 0x201)
    node = made('loop.bin', 512 * 9, chunk=1, aed=3, state='damaged', spoil_extents=loop)
    disc.write(Folder('', entries=[made('before.bin', 1500), node, made('behind.bin', 1501)]))
    for at in range(START, START + disc.data.next):
        if struct.unpack_from('<H', disc.get(at))[0] == 258:
            ads = short_ad(RECORDED, 512, 40) + short_ad(CONTINUED, 512, at - START)
            disc.put(at, allocation_extent(at - START, disc.version, ads))
    return disc, disc.finish()


# Folders.

@case
def folder_in_itself():
    sub = Folder('sub', entries=[made('inner.bin', 700)])
    sub.entries.append(Link('again', sub, state=None))
    return few(sub, Link('once more', sub, state=None))


@case
def folder_of_root():
    disc = Disc(512, 0x201)
    root = Folder('', entries=[made('before.bin', 1500)])
    root.entries += [Link('root', root, state=None), made('behind.bin', 1501)]
    disc.write(root)
    return disc, disc.finish()


@case
def name_tag():
    """The name of the file in the middle has no good tag: those behind it are found all the same."""
    def spoil(data, places):
        data[places[2] + 4] ^= 0xFF
    disc, image = few(made('middle.bin', 1502, state='orphan'), spoil_root=spoil)
    disc.expect('told', None, None, None)
    return disc, image


@case
def name_length():
    def spoil(data, places):
        data[places[2] + 19] = 255
        end = places[3]
        data[places[2]:end] = again_tagged(bytes(data[places[2]:end]))
    disc, image = few(made('middle.bin', 1502, state='orphan'), spoil_root=spoil)
    disc.expected[2]['state'] = 'orphan'
    disc.expect('told', None, None, None)
    return disc, image


@case
def use_length():
    def spoil(data, places):
        struct.pack_into('<H', data, places[2] + 36, 0xFFF0)
    disc, image = few(made('middle.bin', 1502, state='orphan'), spoil_root=spoil)
    disc.expected[2]['state'] = 'orphan'
    disc.expect('told', None, None, None)
    return disc, image


@case
def extended_descriptors():
    """Allocation descriptors of the third kind: no revision of UDF has them."""
    def spoil(block):
        block[34] = block[34] & ~7 | 2
        return again_tagged(block)
    return bad_entry(spoil=spoil)


@case
def file_set_zeros():
    disc, image = few()
    disc.meta.put(disc.set_at, bytes(1024))
    for line in disc.expected:
        line['state'] = 'orphan'
    disc.expect('told', None, None, None)
    return disc, image


@case
def file_set_to_itself():
    disc = Disc(512, 0x201)
    root = Folder('', entries=[made('one.bin', 1500)])
    disc.write(root)
    disc.put_set(root, long_ad(0, 1024, disc.set_at, 0))
    return disc, disc.finish()


@case
def large():
    """More than 4 GiB, of which a few blocks are recorded. Takes long to hash: only made where it is asked for."""
    parts = [noise('large 1', 2048), Hole(5 << 30), noise('large 2', 1000)]
    return few(File('large.bin', parts), block=2048)


@case
def bridge():
    return udf_iso.bridge(made)


matrix()
LONG_CASES = ('large',)


def main():
    if sys.argv[1:] == ['-l']:
        print('\n'.join(CASES))
        return
    os.makedirs(sys.argv[1], exist_ok=True)
    for name in sys.argv[2:] or [n for n in CASES if n not in LONG_CASES]:
        disc, image = CASES[name]()
        with open(os.path.join(sys.argv[1], f'{name}.udf'), 'wb') as file:
            file.write(image)
        for line in disc.expected:
            print(json.dumps({'image': f'{name}.udf', **line}))


main()

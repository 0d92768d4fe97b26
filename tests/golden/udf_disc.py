"""udf_disc.py: a disc with UDF: its partitions, its files and folders, and the list of what must be found on it."""
import hashlib
from dataclasses import dataclass, field
from typing import Callable, Optional

from udf_parts import *

MAIN, RESERVE, POINTED, INTEGRITY, TABLES, SPARE, START = 96, 112, 128, 160, (176, 180), 192, 272
SEQUENCE, PACKET, FAR = 16, 16, 200
GARBAGE = b'\xee'
NOWHERE = 0xFFFFFFFF


@dataclass(frozen=True)
class Hole:
    """Bytes that nobody recorded: they read as zeros."""
    size: int
    kind: int = HOLE


@dataclass(eq=False)
class File:
    name: str
    #: Bytes, or a list of bytes and holes.
    data: object = b''
    ad: int = SHORT
    #: Blocks of an extent, and descriptors of a block; 0: as many as there can be.
    chunk: int = 0
    aed: int = 0
    kind: int = FILE
    flags: int = 0
    #: What must be told of it; None: nothing.
    state: Optional[str] = 'live'
    streams: list = field(default_factory=list)
    ea: bool = False
    strategy: int = 4
    #: Information length, where it is not that of the data.
    size: Optional[int] = None
    #: L_EA and L_AD, where they lie.
    lies: tuple = (None, None)
    #: Changes the entry, or the folder's bytes, before they are written.
    spoil: Optional[Callable] = None
    spoil_names: Optional[Callable] = None
    #: Changes the extents: (kind, length, block) of each.
    spoil_extents: Optional[Callable] = None
    #: The folder's entry says nothing of where it is.
    is_cleared: bool = False
    #: No folder names it.
    is_orphan: bool = False
    marks: tuple = (8, 16)
    use: bytes = b''


@dataclass(eq=False)
class Folder(File):
    entries: list = field(default_factory=list)


@dataclass(eq=False)
class Link:
    """Another name of a file."""
    name: str
    target: File
    flags: int = 0
    state: Optional[str] = 'hardlink'
    is_cleared: bool = False
    is_orphan: bool = False
    marks: tuple = (8, 16)
    use: bytes = b''


def noise(name, size):
    """Bytes that no other name has."""
    blocks = (hashlib.sha256(f'{name} {i}'.encode()).digest() for i in range((size + 31) // 32))
    return b''.join(blocks)[:size]


def digest(parts, size):
    """Of the first `size` bytes; what no part gives is zeros."""
    sha, done, zeros = hashlib.sha256(), 0, bytes(1 << 20)
    for part in list(parts) + [Hole(size)]:
        count = min(part.size if isinstance(part, Hole) else len(part), size - done)
        done += count
        if not isinstance(part, Hole):
            sha.update(part[:count])
            continue
        while count:
            step = min(count, len(zeros))
            sha.update(zeros[:step])
            count -= step
    return sha.hexdigest()


class Space:
    """Blocks of a partition as its descriptors number them, and where each stands in the volume."""

    def __init__(self, disc, ref):
        self.disc, self.ref, self.next = disc, ref, 0

    def take(self, count):
        self.next += count
        return self.next - count

    def place(self, block):
        return self.disc.spared(block)

    def put(self, block, data):
        size = self.disc.block
        for i in range(0, max(len(data), 1), size):
            self.disc.put(self.place(block + i // size), data[i:i + size])


class MetadataSpace(Space):
    """The blocks of a file in the partition below: two extents, the second before the first."""

    def __init__(self, disc, ref, below, count):
        super().__init__(disc, ref)
        half = count // 2
        self.extents = [(RECORDED, half * disc.block, start) for start in reversed([below.take(half), below.take(half)])]
        self.half, self.below = half, below

    def place(self, block):
        return self.below.place(self.extents[block // self.half][2] + block % self.half)


class VirtualSpace(Space):
    """Each block stands where the table says; what is written again stands somewhere else."""

    def __init__(self, disc, ref, below):
        super().__init__(disc, ref)
        self.below, self.table, self.written = below, [], set()

    def take(self, count):
        first = self.below.take(count)
        self.table += range(first, first + count)
        return super().take(count)

    def place(self, block):
        if block in self.written:
            self.table[block] = self.below.take(1)
        self.written.add(block)
        return self.below.place(self.table[block])


class FarSpace(Space):
    """A second partition, which has the blocks of files."""

    def place(self, block):
        return START + FAR + block


class Disc:
    def __init__(self, block=2048, revision=0x201, kind='physical', *, efe=None, anchors=(256, -1), remapped=(0, 2),
                 metadata=64, is_double=False):
        self.block, self.revision, self.kind = block, revision, kind
        self.version = 3 if revision >= 0x200 else 2
        self.efe = revision >= 0x200 if efe is None else efe
        self.anchors, self.remapped = anchors, remapped if kind == 'sparable' else ()
        self.image = bytearray()
        self.expected, self.icbs, self.is_written = [], {}, set()
        self.unique, self.previous, self.is_double = 16, NOWHERE, is_double
        self.data = self.meta = Space(self, 0)
        if kind == 'metadata':
            self.main, self.mirror = self.data.take(1), self.data.take(1)
            self.meta = MetadataSpace(self, 1, self.data, metadata)
            self.copy = [(RECORDED, metadata * block, self.data.take(metadata))] if is_double else self.meta.extents
        elif kind == 'virtual':
            self.meta = VirtualSpace(self, 1, self.data)
        elif kind == 'double':
            self.data = FarSpace(self, 1)
        self.set_at = self.meta.take(2)

    # Blocks of the volume.

    def put(self, at, data):
        end = (at + 1) * self.block
        if len(self.image) < end:
            self.image += bytes(end - len(self.image))
        self.image[at * self.block:end] = data.ljust(self.block, b'\0')

    def get(self, at, count=1):
        return bytes(self.image[at * self.block:(at + count) * self.block])

    def spared(self, block):
        """Where a block of the partition stands: some packets stand in the spare area."""
        if block // PACKET in self.remapped:
            return SPARE + self.remapped.index(block // PACKET) * PACKET + block % PACKET
        return START + block

    # Files.

    def icb(self, node):
        if node not in self.icbs:
            self.unique += 1
            self.icbs[node] = self.meta.take(2 if node.strategy == 4096 else 1), self.unique
        return self.icbs[node]

    def icb_ad(self, node):
        at, unique = self.icb(node)
        return long_ad(RECORDED, self.block * (2 if node.strategy == 4096 else 1), at, self.meta.ref, unique)

    def lay(self, space, parts, chunk):
        """Places the parts; extents of a part stand in the other order, with a block between them."""
        extents, most = [], (1 << 30) // self.block - 1
        for part in parts:
            size = part.size if isinstance(part, Hole) else len(part)
            step = (chunk or most) * self.block
            pieces = [(at, min(step, size - at)) for at in range(0, size, step)]
            kind = part.kind if isinstance(part, Hole) else RECORDED
            placed = []
            for at, length in reversed(pieces):
                count = -(-length // self.block)
                start = 0 if kind == HOLE else space.take(count + (1 if chunk else 0))
                placed.append((kind, length, start))
                if kind != HOLE:
                    data = GARBAGE * length if kind == ALLOCATED else part[at:at + length]
                    space.put(start, data.ljust(count * self.block, GARBAGE))
            extents += reversed(placed)
        return extents

    def descriptors(self, extents, space, ad, room, most):
        """The bytes of the allocation descriptors that stand in the entry; the others are chained to them."""
        form = (lambda kind, length, start, ref: short_ad(kind, length, start)) if ad == SHORT else long_ad
        size = 8 if ad == SHORT else 16
        chain = self.data if self.kind == 'virtual' else self.meta
        groups, left, room = [], list(extents), room // size
        while True:
            fit = min(room, most or room)
            if len(left) <= fit:
                break
            groups.append(left[:fit - 1])
            left, room = left[fit - 1:], (self.block - 24) // size
        groups.append(left)
        places = [chain.take(1) for _ in groups[1:]]
        for i in reversed(range(len(groups))):
            data = b''.join(form(kind, length, start, space.ref) for kind, length, start in groups[i])
            if i + 1 < len(groups):
                data += form(CONTINUED, self.block, places[i], chain.ref)
            if i:
                previous = places[i - 2] if i > 1 else 0
                chain.put(places[i - 1], allocation_extent(places[i - 1], self.version, data, previous))
        return data, places

    def entry(self, node, size, kind, space, extents, embedded=None, streams=None):
        at, unique = self.icb(node)
        ad = EMBED if embedded is not None else LONG if space is not self.meta else node.ad
        ea = attributes(at, self.version) if node.ea else b''
        efe = self.efe or bool(streams)
        room = self.block - (216 if efe else 176) - len(ea)
        ads = embedded if embedded is not None else self.descriptors(extents, space, ad, room, node.aed)[0]
        assert len(ads) <= room, f'{node.name}: no room for {len(ads)} bytes'
        blocks = sum(-(-length // self.block) for kind_, length, _ in extents if kind_ == RECORDED)
        more = {'blocks': blocks, 'unique': unique, 'ea': ea, 'lies': node.lies}
        if streams:
            more['streams'] = streams

        def made(location, prior, data, length):
            make = extended_file_entry if efe else file_entry
            tag = icb_tag(kind, EMBED if prior < 0 else ad, node.strategy, 2 if node.strategy == 4096 else 1, max(prior, 0))
            return make(location, self.version, tag, length, data, **more)

        if node.strategy == 4096:
            self.indirect(node, at, made, size, ads)
            return
        block = made(at, 0, ads, size)
        if node.spoil:
            block = node.spoil(bytearray(block.ljust(self.block, b'\0')))
        self.meta.put(at, bytes(block))

    def indirect(self, node, at, made, size, ads):
        """An older state of the file in the first place, the one that counts where the indirect entry leads."""
        again = self.meta.take(2)
        self.meta.put(at, made(at, -1, b'as it was', 9))
        self.meta.put(at + 1, indirect_entry(at + 1, self.version, long_ad(0, 2 * self.block, again, self.meta.ref)))
        self.meta.put(again, made(again, 1, ads, size))
        self.meta.put(again + 1, terminal_entry(again + 1, self.version))
        if node.spoil:
            node.spoil(self, at, again)

    def file(self, node, path):
        parts = [node.data] if isinstance(node.data, bytes) else node.data
        total = sum(part.size if isinstance(part, Hole) else len(part) for part in parts)
        size = total if node.size is None else node.size
        if node not in self.is_written:
            self.is_written.add(node)
            streams = self.streams(node, path) if node.streams else None
            if node.ad == EMBED:
                self.entry(node, size, node.kind, self.meta, [], node.data, streams)
            else:
                space = self.data if self.kind != 'physical' else self.meta
                extents = self.lay(space, parts, node.chunk)
                extents = node.spoil_extents(extents) if node.spoil_extents else extents
                self.entry(node, size, node.kind, space, extents, None, streams)
        self.expect(node.state, path, size, digest(parts, size) if node.state not in (None, 'damaged') else None)

    def streams(self, node, path):
        folder = Folder('', kind=STREAMS, entries=node.streams)
        for stream in node.streams:
            self.file(stream, f'{path}:{stream.name}')
        self.names(folder, node)
        return self.icb_ad(folder)

    def names(self, folder, parent):
        """Writes a folder: its names, and its entry."""
        list_ = [(b'', self.icb_ad(parent), PARENT | IS_DIRECTORY, b'')]
        for node in folder.entries:
            if node.is_orphan:
                continue
            target = node.target if isinstance(node, Link) else node
            icb = bytes(16) if node.is_cleared else self.icb_ad(target)
            flags = node.flags | (IS_DIRECTORY if isinstance(target, Folder) else 0)
            list_.append((cs0(node.name, node.marks), icb, flags, node.use))
        total = sum(fid_size(name, use) for name, _, _, use in list_)
        kind = folder.kind if folder.kind == STREAMS else DIRECTORY
        if folder.ad == EMBED:
            self.entry(folder, total, kind, self.meta, [], self.named(folder, list_, lambda _: self.icb(folder)[0]))
            return
        space = self.data if self.kind == 'virtual' else self.meta
        extents = self.lay(space, [bytes(total)], folder.chunk)
        step = (folder.chunk or 1 << 20) * self.block
        at = lambda offset: extents[offset // step][2] + offset % step // self.block
        data = self.named(folder, list_, at).ljust(-(-total // self.block) * self.block, GARBAGE)
        for i, (_, length, start) in enumerate(extents):
            count = -(-length // self.block) * self.block
            space.put(start, data[i * step:i * step + count])
        extents = folder.spoil_extents(extents) if folder.spoil_extents else extents
        self.entry(folder, total, kind, space, extents)

    def named(self, folder, list_, at):
        data = bytearray()
        places = []
        for name, icb, flags, use in list_:
            places.append(len(data))
            data += file_identifier(at(len(data)), self.version, name, icb, flags, use)
        if folder.spoil_names:
            folder.spoil_names(data, places)
        return bytes(data)

    def write(self, root):
        """The whole tree; what was written in an earlier session stays as it is."""
        waiting = [(root, root, '')]
        while waiting:
            folder, parent, path = waiting.pop(0)
            for node in folder.entries:
                name = path + node.name
                if isinstance(node, Folder):
                    waiting.append((node, folder, name + '/'))
                    if node.state not in (None, 'live'):
                        self.expect(node.state, name, None, None)
                elif isinstance(node, Link):
                    self.expect(node.state, name, None, None)
                else:
                    self.file(node, None if node.is_orphan else name)
            self.names(folder, parent)
        self.put_set(root)

    def put_set(self, root, following=bytes(16)):
        self.meta.put(self.set_at, file_set(self.set_at, self.version, self.revision, self.icb_ad(root), following))
        self.meta.put(self.set_at + 1, terminator(self.set_at + 1, self.version))

    def expect(self, state, path, size, sha256):
        if state:
            self.expected.append({'path': path, 'size': size, 'sha256': sha256, 'state': state})

    # What is around the files.

    def session(self):
        """Ends a session: the table of virtual blocks, whose entry is the last block."""
        old = self.revision < 0x200
        table = self.meta.table
        data = vat_old(table, self.previous) if old else vat_new(table, self.previous, self.revision)
        extents = self.lay(self.data, [data], 0)
        at = self.data.take(1)
        ads = b''.join(short_ad(*extent) for extent in extents)
        entry = file_entry(at, self.version, icb_tag(0 if old else VAT, SHORT), len(data), ads, blocks=1)
        self.data.put(at, entry)
        self.previous = at

    def metadata_entry(self, at, kind, extents):
        ads = b''.join(short_ad(*extent) for extent in extents)
        size = sum(length for _, length, _ in extents)
        make = extended_file_entry if self.efe else file_entry
        self.data.put(at, make(at, self.version, icb_tag(kind, SHORT), size, ads, blocks=size // self.block))

    def maps(self):
        if self.kind == 'sparable':
            return [map_sparable(7, self.revision, PACKET, self.block, TABLES)]
        if self.kind == 'virtual':
            return [map_physical(7), map_virtual(7, self.revision)]
        if self.kind == 'metadata':
            return [map_physical(7), map_metadata(7, self.revision, self.main, self.mirror, 1, self.is_double)]
        if self.kind == 'double':
            return [map_physical(7), map_physical(8)]
        return [map_physical(7)]

    def sequence(self, start, length, following=None, spoil=None, has_stale=False):
        """A volume descriptor sequence; `has_stale`: with an older logical volume that counts no more."""
        maps, access = self.maps(), {'virtual': 2, 'sparable': 3}.get(self.kind, 4)
        root = long_ad(RECORDED, 2 * self.block, self.set_at, self.meta.ref)
        stale = bytearray(logical_volume(start + 1, self.version, self.revision, self.block, bytes(16), (0, 0), maps))
        stale[16:20] = bytes(4)
        list_ = [primary_volume(start, self.version), again_tagged(stale)][:2 if has_stale else 1]
        if following:
            for i, data in enumerate(list_ + [volume_pointer(start + len(list_), self.version, (following, SEQUENCE))]):
                self.put(start + i, data)
            start, list_ = following, []
        at = start + len(list_)
        list_.append(implementation_use(at, self.version, self.revision))
        list_.append(logical_volume(at + 1, self.version, self.revision, self.block, root, (INTEGRITY, 2 * self.block), maps))
        list_.append(partition(at + 2, self.version, 7, START, FAR if self.kind == 'double' else length, access))
        if self.kind == 'double':
            list_.append(partition(at + 3, self.version, 8, START + FAR, length, access))
            at += 1
        list_ += [unallocated_space(at + 3, self.version), terminator(at + 4, self.version)]
        for i, data in enumerate(list_):
            self.put(start + i, spoil(data) if spoil else data)

    def recognition(self, at=32768):
        for ident in (b'BEA01', b'NSR03' if self.version == 3 else b'NSR02', b'TEA01'):
            data = b'\0' + ident + b'\1'
            self.image[at:at + len(data)] = data
            at += max(self.block, 2048)

    def tables(self):
        entries = [(packet * PACKET, SPARE + i * PACKET) for i, packet in enumerate(self.remapped)]
        entries.append((NOWHERE, SPARE + len(entries) * PACKET))
        for at in TABLES:
            self.put(at, sparing_table(at, self.version, self.revision, entries))
        for packet in self.remapped:
            for i in range(PACKET):
                self.put(START + packet * PACKET + i, GARBAGE * self.block)

    def finish(self, *, spoil=None, pointer=False, length=None, has_mirror_only=False, has_stale=False):
        """All that is around the files; `spoil` changes each descriptor of the main sequence."""
        if self.kind == 'metadata':
            if self.is_double:
                for i in range(2 * self.meta.half):
                    self.data.put(self.copy[0][2] + i, self.get(self.meta.place(i)))
            self.metadata_entry(self.main, METADATA, self.meta.extents)
            self.metadata_entry(self.mirror, MIRROR, self.copy)
            if has_mirror_only:
                self.data.put(self.main, b'')
        count = self.data.next + (FAR if self.kind == 'double' else 0)
        blocks = max([START + count] + [a + 1 for a in self.anchors])
        if min(self.anchors) < 0:
            blocks += 257
        size = count if length is None else length
        if self.kind == 'sparable':
            self.tables()
        self.put(blocks - 1, self.get(blocks - 1))
        extents = (MAIN, SEQUENCE * self.block), (RESERVE, SEQUENCE * self.block)
        self.sequence(MAIN, size, POINTED if pointer else None, spoil, has_stale)
        self.sequence(RESERVE, size, has_stale=has_stale)
        self.put(INTEGRITY, integrity(INTEGRITY, self.version, self.revision, len(self.maps())))
        self.put(INTEGRITY + 1, terminator(INTEGRITY + 1, self.version))
        for where in self.anchors:
            at = where % blocks
            self.put(at, anchor(at, *extents, self.version))
        self.recognition()
        return self.image

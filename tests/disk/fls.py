#!/usr/bin/env python3
"""fls.py TRAWL IMAGE...: what trawl finds in disk images beside what fls and icat of The Sleuth Kit find.

Each volume of mmls must have its line; each name of fls its member, with the same inode, kind and MD5 of the bytes.
Prints what differs without a reason that is known, then how many names fell under which reason. Ends with 1 where
something differs. Copies of virtual disks are made by qemu-img: give it no image that names files of the host."""
import collections
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile

PATIENCE = 120
ROW = re.compile(r'^(.)/(.) (\* )?([0-9]+(?:-[0-9]+-[0-9]+)?)(\(realloc\))?:\t(.*)$', re.S)
QEMU = {'vmdk': 'vmdk', 'vhd': 'vpc', 'vhdx': 'vhdx', 'qcow2': 'qcow2', 'qcow': 'qcow', 'vdi': 'vdi'}
KINDS = {'ext': 'ext', 'ntfs': 'ntfs', 'fat': 'fat', 'exfat': 'exfat', 'hfs': 'hfs', 'iso9660': 'iso9660', 'ufs': 'ufs',
         'yaffs2': 'yaffs2'}
SPECIAL = {'l': 'symlink', 'p': 'fifo', 's': 'socket', 'h': 'socket', 'c': 'device', 'b': 'device', 'w': 'other'}


def run(*words):
    """Output and status of a program; the status is None where it took too long or died."""
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return b'', None
    return done.stdout, done.returncode if done.returncode >= 0 else None


def plain(name):
    """A name as fls prints it, or as near as two programs come: what is no text is '^'."""
    text = name.decode('utf-8', 'replace') if isinstance(name, bytes) else name
    return ''.join('^' if ord(c) < 32 or c in '\x7f\ufffd' else c for c in text)


def volumes_of(image, sector_words):
    """Starts of the volumes in bytes, by mmls."""
    out, status = run('mmls', *sector_words, image)
    size = re.search(rb'Units are in (\d+)-byte', out)
    rows = re.findall(rb'^\d+:\s+\d[\d:]*\s+(\d+)\s(?!.*Apple_Free)', out, re.M)
    return [int(row) * int(size.group(1)) for row in rows] if status == 0 and size else None


def pool_of(image, start, _):
    """Rows of fls for each volume of an APFS container, with the words that icat needs for each."""
    out, status = run('pstat', '-o', str(start // 512), image)
    blocks = re.findall(rb'APSB Block Number: (\d+)', out)
    every, rows = [], []
    for number, block in enumerate(blocks):
        words = ['-P', 'apfs', '-B', block.decode(), '-o', str(start // 512), image]
        out, ended = run('fls', '-r', '-p', *words)
        status = ended if ended != 0 else status
        for line in out.decode('utf-8', 'replace').split('\n'):
            row = ROW.match(line.replace('\t', f'\tv{number + 1}/', 1))
            if row:
                every.append(words[:-1])
                rows.append(row)
    return every, rows, status


def names_of(image, start, kind):
    """Rows of fls, or None where it opens no file system; its status tells whether it came to its end."""
    words = ['-r', '-p', '-o', str(start // 512), image]
    out, status = run('fls', *words)
    if status and not out and kind in KINDS:
        words = ['-f', KINDS[kind], *words]
        out, status = run('fls', *words)
    rows = [ROW.match(line) for line in out.decode('utf-8', 'replace').split('\n') if line]
    rows = [row for row in rows if row]
    return [words[:-1]] * len(rows), rows, status


def digest_of(words, image, inode):
    words = [word for word in words if word not in ('-r', '-p')]
    out, status = run('icat', *words, image, inode)
    return hashlib.md5(out).hexdigest(), len(out), status


def inventory(trawl, image):
    out, status = run(trawl, 'hash', '-q', '--decode', 'fast', image)
    return [json.loads(line) for line in out.decode().splitlines()], status


def iso_name(path):
    """Without case and version: of the names that a file has there the two programs show different ones."""
    return path.split(';')[0].rstrip('.').lower()


def key_of(layer):
    """What a member is known by: in an ISO 9660 image its path alone."""
    text = plain(bytes.fromhex(layer['raw'])) if 'raw' in layer else layer['name']
    text = re.sub(r'^(p\d+/)+', '', text) if layer.get('partition') else text
    return (layer['inode'], layer.get('attribute', ''), plain(text)) if 'inode' in layer else iso_name(plain(text))


def kind_of(line):
    return line['where'][1].get('file_system', '').replace('hfsp', 'hfs+')


def take(members, row):
    """trawl's line for a row of fls, of several the one that is deleted as this is."""
    inode, _, attribute = row.group(4).partition('-')
    path = plain(row.group(6))
    for key in ((int(inode), attribute, path), (int(inode), '', path), iso_name(path)):
        if members.get(key):
            found = members[key]
            line = next((l for l in found if bool(row.group(3)) != l['where'][1].get('allocated', True)), found[0])
            found.remove(line)
            return line
    return None


class Comparison:
    def __init__(self):
        self.classes = collections.Counter()
        self.images = collections.Counter()
        self.odd = []

    def count(self, word, where=None):
        self.classes[word] += 1
        if where:
            self.odd.append(f'{where}: {word}')

    def member(self, image, words, row, line, where):
        """One name that both have."""
        kind, meta, deleted, inode, _, _ = row.groups()
        kind = meta if meta not in '-' else kind
        detail = re.sub(r'\d+', 'N', line.get('detail', ''))
        if kind == 'd' and line.get('detail', '').startswith('folder: '):
            self.count(f'folders that fls passes over: {detail}')
        elif kind in SPECIAL and line['type'] == SPECIAL[kind]:
            self.count('equal: no file (link, device ...)')
        elif line['type'] in SPECIAL.values() and 'inode' not in line['where'][1] and 'md5' not in line:
            self.count('ISO 9660: a link or device of Rock Ridge, which fls shows as an empty file')
        elif line['type'] == 'hardlink':
            self.count('equal: one more name of a file')
        elif 'md5' not in line and (deleted or line['status'] in ('encrypted', 'unsupported') or 'bad clusters' in detail
                                    or 'boot sectors' in detail):
            self.count(f'told, without bytes: {line["status"]}: {detail}')
        else:
            self.bytes(image, words, inode, line, detail, where)

    def bytes(self, image, words, inode, line, detail, where):
        md5, size, status = digest_of(words, image, inode)
        if line.get('md5') == md5:
            self.count('equal: bytes')
        elif status != 0 and line['status'] == 'damaged':
            self.count(f'damaged, and icat fails, too: {detail}')
        elif status is None:
            self.count('icat took too long or died')
        elif status and kind_of(line) == 'hfs+' and line['where'][1]['name'].startswith('$'):
            self.count("tables of HFS+, which icat does not read")
        elif line['status'] in ('limit', 'timeout', 'crashed') or (line['status'] == 'damaged' and 'inode' not in line['where'][1]):
            self.count(f'told: {line["status"]}: {detail}')
        else:
            self.count(f'other bytes: {line["status"]} {detail}; icat: {status}', f'{where} ({line.get("size")}, {size})')

    def volume(self, name, image, start, lines, unread):
        """Names of one file system. `lines`: trawl's members in it."""
        kind = next((line['type'] for line in lines if line['where'][1]['kind'] == 'volume'), unread['type'])
        every, rows, status = (pool_of if kind == 'apfs' else names_of)(image, start, kind)
        members = collections.defaultdict(list)
        for line in lines:
            if line['where'][1]['kind'] in ('fs', 'iso9660'):
                members[key_of(line['where'][1])].append(line)
        for words, row in zip(every, rows):
            if 'v' in (row.group(1) + row.group(2)).lower():
                self.count("libtsk's own names: no files")
                continue
            where = f'{name}@{start} {row.group(0)}'
            line = take(members, row)
            if line:
                self.member(image, words, row, line, where)
            elif 'd' in row.group(2) or row.group(1) == 'd':
                self.count('folders')
            elif kind == 'ntfs' and '-144-' in row.group(4):
                self.count('indexes of NTFS: no files')
            elif status is None:
                self.count('fls took too long or died')
            else:
                self.count('not told by trawl', where)
        for line in itertools.chain(*members.values()):
            self.extra(line, kind, status, f'{name}@{start}')
        return bool(rows) or status == 0

    def extra(self, line, kind, status, where):
        layer = line['where'][1]
        if status is None:
            self.count('fls took too long or died')
        elif line['type'] in SPECIAL.values() and 'inode' not in layer and 'md5' not in line:
            self.count('ISO 9660: a link or device of Rock Ridge, which fls shows as an empty file')
        elif line['type'] == 'directory':
            self.count(f'folders: {line["status"]}: {line.get("detail", "")}')
        elif kind in ('hfs', 'apfs') and ':' in layer['name']:
            self.count('streams that fls does not list')
        elif kind == 'ntfs' and 'attribute' not in layer and not line['size']:
            self.count('indexes of NTFS: no files')
        else:
            self.count('not told by fls', f'{where} {layer["name"]} inode {layer.get("inode")} {line["status"]}')

    def image(self, trawl, image):
        name = os.path.basename(image)
        lines, status = inventory(trawl, image)
        if status is None or not lines:
            self.odd.append(f'{name}: trawl ended with {status} and {len(lines)} lines')
            return
        first = lines[0]
        lines = [line for line in lines if len(line['where']) == 2]
        with tempfile.TemporaryDirectory() as folder:
            raw = image
            if first['type'] in QEMU:
                raw = os.path.join(folder, 'raw')
                if run('qemu-img', 'convert', '-f', QEMU[first['type']], '-O', 'raw', image, raw)[1] != 0:
                    self.images[f'qemu-img cannot read it; trawl: {first["status"]}'] += 1
                    return
            self.disk(name, raw, first, lines)

    def disk(self, name, raw, first, lines):
        told = {}
        for line in lines:
            layer = line['where'][1]
            told.setdefault(layer.get('volume_offset', 0), []).append(line)
        starts = volumes_of(raw, []) or [0]
        if "a table of volumes, too" in first.get('detail', ''):
            self.count('a file system of the whole medium beside a table: both are read')
            starts = sorted({0, *starts})
        nested = {l['where'][1]['volume_offset'] for l in lines if re.fullmatch(r'p\d+/p\d+', l['where'][1]['name'])}
        starts = sorted({*starts, *nested})
        volumes = {l['where'][1].get('volume_offset', 0) for l in lines if l['where'][1]['kind'] == 'volume'}
        if 'lies outside the medium' in first.get('detail', ''):
            self.count('told: a volume that the table puts outside the medium')
            starts = [start for start in starts if start < os.path.getsize(raw)]
        if volumes and volumes != set(starts):
            self.odd.append(f'{name}: volumes at {sorted(volumes)}, not {starts}') if starts != [0] else None
        opened = 0
        for start in starts:
            opened += self.volume(name, raw, start, told.get(start, []), first)
        word = 'compared' if opened else f'fls opens nothing; trawl: {first["type"]} {first["status"]}'
        self.images[word] += 1
        if os.environ.get('VERBOSE'):
            print(f'{word:60} {name}', file=sys.stderr)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    comparison = Comparison()
    for image in sys.argv[2:]:
        comparison.image(sys.argv[1], image)
    for odd in comparison.odd:
        print('differs ', plain(odd)[:300])
    for counter in (comparison.classes, comparison.images):
        for word, n in sorted(counter.items(), key=lambda item: (-item[1], item[0])):
            print(f'{n:8}  {word}')
    return 1 if comparison.odd else 0


if __name__ == '__main__':
    sys.exit(main())

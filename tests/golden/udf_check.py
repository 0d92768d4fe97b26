#!/usr/bin/env python3
"""Compares what must be on discs with what was found: udf_check.py EXPECTED FOUND, both of JSON lines, the first as
udf.py prints it. A line for each image: "ok IMAGE", or "bad IMAGE: what is amiss"."""
import json
import sys
from collections import defaultdict

FINE = ('ok', 'not-media')


def read(name, image_of):
    images = defaultdict(list)
    with open(name, encoding='utf-8') as file:
        for line in map(json.loads, file):
            images[image_of(line)].append(line)
    return images


def place(line):
    """Its layer in the disc; None: the disc itself."""
    return line['where'][1] if len(line['where']) > 1 else None


def why_file(want, got):
    if got is None:
        return 'is missing'
    if want['state'] == 'damaged':
        return '' if got['status'] == 'damaged' else 'is not told as damaged'
    if want['state'] in ('hardlink', 'symlink'):
        return '' if got['type'] == want['state'] else f"is of type {got['type']}"
    if got.get('sha256') != want['sha256']:
        return 'has other bytes'
    if got['status'] not in FINE:
        return f"is {got['status']}: {got.get('detail')}"
    is_deleted = place(got).get('allocated') is False
    return '' if is_deleted == (want['state'] == 'deleted') else 'is deleted' if is_deleted else 'is not told as deleted'


def amiss(wanted, found):
    names = {place(line)['name']: line for line in reversed(found) if place(line)}
    digests = {line.get('sha256') for line in found}
    for want in wanted:
        if want['state'] == 'told':
            why = '' if any(line['status'] not in FINE for line in found) else 'nothing is told'
        elif want['state'] == 'orphan':
            why = '' if want['sha256'] in digests else 'is lost'
        else:
            why = why_file(want, names.get(want['path']))
        if why:
            yield f"{(want['path'] or 'the disc')[:60]} ({want['state']}) {why}"
    said = {want['path'] for want in wanted}
    for name, line in names.items():
        if name not in said and place(line).get('allocated') is not False and line['status'] in FINE and line['type'] == 'other':
            yield f'{name[:60]} is nothing that was written'


def main():
    expected = read(sys.argv[1], lambda line: line['image'])
    found = read(sys.argv[2], lambda line: line['path'].split('!')[0].split('/')[-1])
    for image in sorted(expected):
        whys = list(amiss(expected[image], found[image]))
        more = f' (and {len(whys) - 3} more)' if len(whys) > 3 else ''
        print(f"bad {image}: {'; '.join(whys[:3])}{more}" if whys else f'ok {image}')


main()

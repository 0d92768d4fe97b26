'use strict';
/*
 * The table of findings: filtered and sorted here, and only the rows in view are elements. Words out of the evidence
 * become text nodes, never markup; nothing is fetched.
 */
(function () {
    // Fields of a finding, in the order of html_rows.c.
    var RANK = 0, SEVERITY = 1, BAND = 2, DISTANCE = 3, LIST = 4, ENTRY = 5, CATEGORY = 6, TYPE = 7, SIZE = 8;
    var SHA256 = 9, MD5 = 10, MATCH = 11, PLACES = 12, NEARBY = 13, DEMOTED = 14, VERDICT = 15, WHY = 16, PATHS = 17;
    var ROW = 36, AROUND = 12;
    var $ = function (id) { return document.getElementById(id); };
    var grid = $('grid'), body = $('rows'), table = $('static');
    if (!grid || !table)
        return;
    var lists = JSON.parse($('list-names').textContent), total = +grid.dataset.total, whole = +grid.dataset.all;
    var all = [], text = [], shown = [], active = -1, first = -1, last = -1;
    var order = { key: RANK, down: false };

    function make(name, words, className) {
        var element = document.createElement(name);
        if (words !== undefined && words !== '')
            element.textContent = words;
        if (className)
            element.className = className;
        return element;
    }

    function size(n) {
        var units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'], unit = 0;
        if (n < 0)
            return 'unknown';
        for (; n >= 1024 && unit < 6; unit++)
            n /= 1024;
        return (unit ? (Math.floor(n * 10) / 10).toFixed(1) : n) + ' ' + units[unit];
    }

    function count(n) {
        return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
    }

    function add(finding) {
        all.push(finding);
        text.push((finding[PATHS].join('\n') + '\n' + lists[finding[LIST]] + '\n' + finding[ENTRY] + '\n' +
                   finding[CATEGORY] + '\n' + finding[TYPE] + '\n' + finding[SHA256] + '\n' + finding[MD5] + '\n' +
                   finding[WHY]).toLowerCase());
    }

    function option(select, value, words) {
        var element = make('option', words);
        element.value = value;
        select.appendChild(element);
    }

    // What each field of the tool asks of a finding; null: nothing.
    function question() {
        var words = $('q').value.toLowerCase().split(/\s+/).filter(Boolean);
        var severity = $('f-severity').value, band = $('f-match').value, list = $('f-list').value, show = $('f-show').value;
        return function (i) {
            var f = all[i];
            if (severity !== '' && f[SEVERITY] !== +severity || list !== '' && f[LIST] !== +list)
                return false;
            if (band === 'near' ? f[BAND] === 0 : band !== '' && f[BAND] !== +band)
                return false;
            if (show === 'demoted' ? !f[DEMOTED] : show === 'clear' ? f[DEMOTED] : show !== '' && f[VERDICT] !== show)
                return false;
            for (var w = 0; w < words.length; w++)
                if (text[i].indexOf(words[w]) < 0)
                    return false;
            return true;
        };
    }

    function value(f) {
        return order.key === PATHS ? f[PATHS][0] : order.key === LIST ? lists[f[LIST]] : f[order.key];
    }

    // Of equal values the rank decides.
    function sort() {
        var sign = order.down ? -1 : 1;
        if (order.key === RANK) {
            if (order.down)
                shown.reverse();
            return;
        }
        var keys = new Array(all.length);
        for (var i = 0; i < shown.length; i++)
            keys[shown[i]] = value(all[shown[i]]);
        shown.sort(function (a, b) {
            return keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : a - b;
        });
    }

    function say() {
        var words = count(shown.length) + ' of ' + count(all.length) + ' findings';
        if (all.length < total)
            words += ', ' + count(total - all.length) + ' being read';
        else if (whole > total)
            words += '; ' + count(whole - total) + ' more are in report.jsonl and report.csv';
        $('count').textContent = words;
    }

    function filter() {
        var test = question(), chosen = active >= 0 ? shown[active] : -1;
        shown = [];
        for (var i = 0; i < all.length; i++)
            if (test(i))
                shown.push(i);
        sort();
        active = chosen >= 0 ? shown.indexOf(chosen) : -1;
        first = -1;
        draw();
        say();
    }

    function cell(row, words, className) {
        var element = make('td', words, className);
        row.appendChild(element);
        return element;
    }

    function row(position) {
        var f = all[shown[position]], tr = make('tr', '', 'row' + (position % 2 ? ' odd' : ''));
        tr.id = 'r' + position;
        tr.setAttribute('role', 'row');
        tr.setAttribute('aria-rowindex', position + 2);
        if (position === active) {
            tr.className += ' on';
            tr.setAttribute('aria-selected', 'true');
        }
        cell(tr, count(f[RANK]), 'n');
        cell(tr, '').appendChild(make('span', String(f[SEVERITY]), 'sev s' + f[SEVERITY]));
        cell(tr, f[MATCH]);
        cell(tr, lists[f[LIST]] + (f[ENTRY] === '' ? '' : ' #' + f[ENTRY])).title = f[CATEGORY];
        cell(tr, f[TYPE]);
        cell(tr, size(f[SIZE]), 'n');
        cell(tr, count(f[PLACES]), 'n');
        cell(tr, count(f[NEARBY]), 'n');
        cell(tr, f[PATHS][0], 'm').title = f[PATHS][0];
        return tr;
    }

    function pad(rows) {
        var tr = make('tr', '', 'pad'), td = make('td');
        td.style.height = rows * ROW + 'px';
        tr.setAttribute('aria-hidden', 'true');
        tr.appendChild(td);
        return tr;
    }

    // Rows in view, some around them, and two of the height of all others.
    function draw() {
        var from = Math.max(0, Math.floor(grid.scrollTop / ROW) - AROUND);
        var to = Math.min(shown.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW) + AROUND);
        from = Math.min(from, to);
        if (from === first && to === last)
            return;
        first = from;
        last = to;
        var rows = document.createDocumentFragment();
        rows.appendChild(pad(from));
        for (var i = from; i < to; i++)
            rows.appendChild(row(i));
        rows.appendChild(pad(shown.length - to));
        body.replaceChildren(rows);
        grid.setAttribute('aria-rowcount', shown.length + 1);
        if (active >= from && active < to)
            grid.setAttribute('aria-activedescendant', 'r' + active);
        else
            grid.removeAttribute('aria-activedescendant');
    }

    function paths(f) {
        var list = make('ol');
        f[PATHS].forEach(function (path) { list.appendChild(make('li', path, 'm')); });
        return list;
    }

    function fact(into, name, words, className) {
        if (words === '' || words === undefined)
            return;
        into.appendChild(make('dt', name));
        into.appendChild(words.nodeType ? words : make('dd', words, className));
    }

    function detail(f) {
        var panel = $('detail'), facts = make('dl'), why = make('dd'), places = make('dd');
        why.appendChild(make('span', f[WHY].join(' · ')));
        places.appendChild(paths(f));
        if (f[PLACES] > f[PATHS].length)
            places.appendChild(make('div', count(f[PLACES] - f[PATHS].length) +
                                    ' more places are in report.jsonl and report.csv.', 'more'));
        fact(facts, 'Why here', why);
        fact(facts, 'Match', f[MATCH]);
        fact(facts, 'List', lists[f[LIST]] + (f[ENTRY] === '' ? '' : ', entry ' + f[ENTRY]));
        fact(facts, 'Category', f[CATEGORY]);
        fact(facts, 'Verdict', f[VERDICT]);
        fact(facts, 'File', f[TYPE] + ', ' + size(f[SIZE]));
        fact(facts, 'SHA-256', f[SHA256] || 'none: not all of its bytes could be read', 'm');
        fact(facts, 'MD5', f[MD5], 'm');
        fact(facts, count(f[PLACES]) + (f[PLACES] === 1 ? ' place' : ' places'), places);
        panel.replaceChildren(make('h3', 'Finding ' + count(f[RANK])), facts);
        panel.classList.add('open');
    }

    function choose(position) {
        if (!shown.length)
            return;
        active = Math.max(0, Math.min(shown.length - 1, position));
        var top = active * ROW, head = 34;
        if (top < grid.scrollTop)
            grid.scrollTop = top;
        else if (top + ROW + head > grid.scrollTop + grid.clientHeight)
            grid.scrollTop = top + ROW + head - grid.clientHeight;
        first = -1;
        draw();
        detail(all[shown[active]]);
    }

    function key(event) {
        var page = Math.max(1, Math.floor(grid.clientHeight / ROW) - 2);
        var to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page,
                   Home: 0, End: shown.length - 1, Enter: active, ' ': active }[event.key];
        if (to === undefined || event.target !== grid || event.ctrlKey || event.metaKey || event.altKey)
            return;
        event.preventDefault();
        choose(to);
    }

    // The key of each column's head.
    var columns = [RANK, SEVERITY, DISTANCE, LIST, TYPE, SIZE, PLACES, NEARBY, PATHS];
    function sortBy(column) {
        var heads = grid.querySelectorAll('th');
        order.down = order.key === columns[column] && !order.down;
        order.key = columns[column];
        for (var i = 0; i < heads.length; i++)
            if (i === column)
                heads[i].setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
            else
                heads[i].removeAttribute('aria-sort');
        grid.scrollTop = 0;
        filter();
    }

    // Before printing the static table takes what the filter shows, as far as anybody will read it on paper.
    function print() {
        var some = shown.slice(0, 1000), group = document.createDocumentFragment();
        some.forEach(function (i) {
            var f = all[i], rows = make('tbody'), head = make('tr'), more = make('tr'), places = make('td', '', 'places');
            cell(head, count(f[RANK]), 'n');
            cell(head, '').appendChild(make('span', String(f[SEVERITY]), 'sev s' + f[SEVERITY]));
            cell(head, f[MATCH]);
            cell(head, lists[f[LIST]] + ', entry ' + f[ENTRY] + (f[CATEGORY] ? ', ' + f[CATEGORY] : ''));
            cell(head, f[TYPE]);
            cell(head, size(f[SIZE]), 'n');
            places.colSpan = 5;
            places.appendChild(make('div', 'SHA-256 ' + f[SHA256], 'm hash'));
            places.appendChild(make('div', f[WHY].join(' · '), 'sub'));
            places.appendChild(paths(f));
            more.appendChild(make('td'));
            more.appendChild(places);
            rows.appendChild(head);
            rows.appendChild(more);
            group.appendChild(rows);
        });
        table.querySelectorAll('tbody').forEach(function (old) { old.remove(); });
        table.appendChild(group);
        $('printed').textContent = count(some.length) + ' of ' + count(whole) + ' findings, as filtered on the screen.';
    }

    // The rest of the findings stands behind this script, in blocks of some thousand: one at a time, so that the page answers.
    function readBlocks() {
        var block = document.querySelector('script.findings');
        if (!block)
            return filter();
        JSON.parse(block.textContent).forEach(add);
        block.remove();
        say();
        setTimeout(readBlocks, 0);
    }

    function later(wait, call) {
        var timer;
        return function () {
            clearTimeout(timer);
            timer = setTimeout(call, wait);
        };
    }

    function start() {
        table.querySelectorAll('tr[data-f]').forEach(function (tr) {
            var finding = JSON.parse(tr.dataset.f);
            tr.parentNode.querySelectorAll('li').forEach(function (li) { finding[PATHS].push(li.textContent); });
            add(finding);
        });
        lists.forEach(function (name, i) { option($('f-list'), i, name); });
        document.documentElement.classList.add('js');
        ['q', 'f-severity', 'f-match', 'f-list', 'f-show'].forEach(function (id) {
            $(id).addEventListener('input', later(id === 'q' ? 60 : 0, function () {
                grid.scrollTop = 0;
                filter();
            }));
        });
        $('reset').addEventListener('click', function () {
            ['q', 'f-severity', 'f-match', 'f-list', 'f-show'].forEach(function (id) { $(id).value = ''; });
            filter();
        });
        grid.addEventListener('scroll', function () { requestAnimationFrame(draw); });
        grid.addEventListener('keydown', key);
        body.addEventListener('click', function (event) {
            var tr = event.target.closest('tr.row');
            if (tr)
                choose(+tr.id.slice(1));
        });
        grid.querySelectorAll('th button').forEach(function (button, column) {
            button.addEventListener('click', function () { sortBy(column); });
        });
        document.addEventListener('keydown', function (event) {
            if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
                event.preventDefault();
                $('q').focus();
            } else if (event.key === 'Escape' && document.activeElement === $('q')) {
                $('q').value = '';
                filter();
            }
        });
        window.addEventListener('resize', function () { first = -1; draw(); });
        window.addEventListener('beforeprint', print);
        filter();
        if (document.readyState === 'loading')
            document.addEventListener('DOMContentLoaded', readBlocks);
        else
            readBlocks();
    }

    start();
})();

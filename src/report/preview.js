
    // Previews: behind the places of a finding, or in its row.
    var PREVIEW = 18, inRows = {}, plainDetail = detail, plainPrint = print;
    table.querySelectorAll('tr[data-f]').forEach(function (tr) {
        var img = tr.parentNode.querySelector('img');
        if (img)
            inRows[JSON.parse(tr.dataset.f)[RANK]] = img.src;
    });

    function addPreview(f, before) {
        var src = f[PREVIEW] ? 'data:image/png;base64,' + f[PREVIEW] : inRows[f[RANK]], img = make('img', '', 'preview');
        if (!src)
            return;
        img.alt = '';
        img.width = img.height = 96;
        img.src = src;
        before.parentNode.insertBefore(img, before);
    }

    detail = function (f) {
        plainDetail(f);
        addPreview(f, $('detail').firstChild);
    };

    print = function () {
        plainPrint();
        table.querySelectorAll('.places').forEach(function (places, i) { addPreview(all[shown[i]], places.firstChild); });
    };

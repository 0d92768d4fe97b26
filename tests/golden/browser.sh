# browser.sh (sourced): a headless browser over the WebDriver protocol, on loopback. Nothing here where there is none.

# browser_start: sets browser_url; fails where chromedriver is missing or does not start.
browser_start() {
    command -v chromedriver >/dev/null && command -v chromium >/dev/null && command -v curl >/dev/null || return 1
    browser_dir=$(mktemp -d)
    chromedriver --port=0 --log-path=/dev/null >"$browser_dir/out" 2>&1 &
    browser_pid=$!
    local port='' i
    for i in $(seq 100); do
        port=$(sed -n 's/.*successfully on port \([0-9]*\).*/\1/p' "$browser_dir/out")
        [ -n "$port" ] && break
        sleep 0.1
    done
    [ -n "$port" ] || {
        browser_stop
        return 1
    }
    local arguments
    arguments=$(jq -n --arg dir "$browser_dir/profile" '{capabilities: {alwaysMatch: {"goog:chromeOptions": {args:
        ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--user-data-dir=" + $dir]}}}}')
    browser_url=http://127.0.0.1:$port/session
    local session
    session=$(curl -s "$browser_url" -d "$arguments" | jq -r '.value.sessionId // empty')
    [ -n "$session" ] || {
        browser_stop
        return 1
    }
    browser_url=$browser_url/$session
}

browser_stop() {
    [ -n "${browser_url:-}" ] && curl -s -X DELETE "$browser_url" >/dev/null
    kill "$browser_pid" 2>/dev/null
    wait "$browser_pid" 2>/dev/null
    rm -rf "$browser_dir"
    browser_url=''
}

# browser_open FILE
browser_open() {
    curl -s "$browser_url/url" -d "$(jq -n --arg url "file://$(realpath "$1")" '{url: $url}')" >/dev/null
}

# browser_run SCRIPT: what it returns, as text. browser_wait SCRIPT: what it hands to done(...).
browser_run() {
    curl -s "$browser_url/execute/sync" -d "$(jq -n --arg s "$1" '{script: $s, args: []}')" | jq -r '.value | if type == "object" and .error then "ERROR \(.message)" else . end'
}
browser_wait() {
    curl -s "$browser_url/execute/async" -d "$(jq -n --arg s "const done = arguments[arguments.length - 1]; $1" '{script: $s, args: []}')" |
        jq -r '.value | if type == "object" and .error then "ERROR \(.message)" else . end'
}

# browser_size WIDTH HEIGHT; browser_media light|dark: by the browser's own protocol
browser_size() {
    browser_command Emulation.setDeviceMetricsOverride "{\"width\":$1,\"height\":$2,\"deviceScaleFactor\":1,\"mobile\":false}"
}
browser_media() {
    browser_command Emulation.setEmulatedMedia "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"$1\"}]}"
}
browser_command() {
    curl -s "$browser_url/goog/cdp/execute" -d "$(jq -n --arg cmd "$1" --argjson params "$2" '{cmd: $cmd, params: $params}')"
}

# browser_picture FILE: what is in view. browser_pdf FILE: printed.
browser_picture() {
    curl -s "$browser_url/screenshot" | jq -r .value | base64 -d >"$1"
}
browser_pdf() {
    browser_command Page.printToPDF '{"printBackground":false}' | jq -r .value.data | base64 -d >"$1"
}

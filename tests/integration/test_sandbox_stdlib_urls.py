"""URL and URLSearchParams in the sandbox answer as Node does."""
# ruff: noqa: RUF001

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox import SandboxPool
from tests.hostile.sandboxes import running_pool
from tests.support.node import assert_agree, in_node, in_sandbox

PATIENT = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

BASES = [
    None,
    "http://user:secret@example.com:8080/a/b/c?q=1#f",
    "https://example.com",
    "file:///C:/dir/file.txt?q",
    "file://host/a/b",
    "mailto:me@example.com",
    "data:text/plain,x y?q",
    "foo://host/a/b?q#f",
    "foo:/a/b",
    "foo:///a/b",
    "blob:https://example.com/id",
    "no url",
]

REFERENCES = [
    "",
    " ",
    "#",
    '#f g`<>"',
    "?",
    "?a=1&b='\" <>#x",
    "??#?",
    "/",
    "//",
    "///",
    "////x",
    "/x",
    "//x",
    "//x:81/y",
    "//x:/y",
    "//u@x",
    "//u:p@x/",
    "//@/",
    "//u@/",
    "//:80/",
    "x",
    "x:",
    "x:y",
    "x:/y",
    "x://",
    "x://y",
    "x:///y",
    "x:#f",
    "x:?q",
    "x:y z?q",
    "./x",
    "../x",
    "../../../../x",
    "..",
    ".",
    "./",
    "a/./b/../c/.",
    "a/%2e/b/%2E%2e/c/.%2e",
    "a/b/..",
    "a//b///c",
    "/.//x",
    "/..//x",
    "/a/..//x",
    "\\x\\y",
    "\\\\x\\y",
    "/\\x",
    "C:/x",
    "C|/x",
    "C|",
    "/C|/x/..",
    "/C:/..",
    "//C:/x",
    "//C|/x",
    "///C|/x/../..",
    "c:x",
    "file:",
    "file:x",
    "file:/x",
    "file://x",
    "file:///x",
    "file:////x",
    "file://localhost/x",
    "file://LOCALHOST",
    "file://h:80/x",
    "file://u@h/x",
    "file:C:/x",
    "file:/C|/x",
    "file:\\\\h\\x",
    "file:#f",
    "file:?q",
    "file:..",
    "http:",
    "http:x",
    "http:/x",
    "http:?q",
    "http://",
    "http:///x",
    "http:\\\\x\\y?a\\b",
    "https:x",
    "https:/x",
    "HTTPS://EXAMPLE.COM/Ä?ö#ü",
    "  http://x/ \t",
    "ht\ntp:/\t/x/\ry",
    "1http://x",
    "a+b-c.d:e",
    "a_b:c",
    ":x",
    "://x",
    "%",
    "%zz",
    "%41",
    "a%00b",
    "\x00\x01x\x1f",
    "x\x00y",
    "x\x7fy",
    "\ud800",
    "é/ü?ß#ñ",
    "😀",
    "`{}|[]<>\"'",
    "?^`{}|[]<>\"'",
    "#^`{}|[]<>\"'",
    "ws://x:80/",
    "wss://x:443/",
    "ftp://x:21/",
    "ftp://x:22/",
    "http://x:80",
    "http://x:443",
    "http://x:0",
    "http://x:00080",
    "http://x:65535",
    "http://x:65536",
    "http://x:8a",
    "http://x: 8",
    "http://x:-1",
    "foo://x:80",
    "foo://x:99999",
    "http://u@x",
    "http://u:@x",
    "http://:p@x",
    "http://:@x",
    "http://@x",
    "http://u:p:q@x",
    "http://u@v@x",
    "http://u/@x",
    "http://u:p@:80",
    "http://ü:é@x",
    "http://u%40:%3a@x",
    "foo://u:p@x",
    "foo://u@",
    "foo://",
    "foo:///",
    "foo://?q",
    "foo://x?q",
    "foo:a?q#f",
    "foo:/../x",
    "foo:/..//x",
    "foo:/.//x",
    "javascript:alert(1) //",
    "data:,a b%20#c d",
    "mailto:a@b?subject=x y",
    "blob:http://x:81/y",
    "blob:foo",
    "blob:ftp://x/y",
    "about:blank",
]

HOSTS = [
    "x",
    "X.Y",
    "x.",
    "x..",
    ".",
    "..",
    "-x-",
    "x_y",
    "a b",
    "a%20b",
    "a%41",
    "a%2fb",
    "%65xample",
    "a%",
    "a%c3%a9",
    "a%ff",
    "a<b",
    "a>b",
    "a^b",
    "a|b",
    "a`b",
    "a{b}",
    'a"b',
    "a'b",
    "a!$&()*+,;=~b",
    "a\\b",
    "a\x00b",
    "a\x01b",
    "a\x7fb",
    "a[b]",
    "[",
    "]",
    "[]",
    "0",
    "1",
    "256",
    "1.2",
    "1.2.3",
    "1.2.3.4",
    "1.2.3.4.",
    "1.2.3.4..",
    "1.2.3.4.5",
    "01.02.03.04",
    "08",
    "09.1",
    "1.08",
    "0x",
    "0x1",
    "0X7F.1",
    "0xfg",
    "1.0xg",
    "0xffffffff",
    "0x100000000",
    "4294967295",
    "4294967296",
    "1.2.3.256",
    "1.2.65535",
    "1.2.65536",
    "256.1",
    "1.256.1",
    "00000000000000000001",
    "0.0x0.00",
    "1..2",
    ".1",
    "1.",
    "a.1",
    "a.0x1",
    "a.09",
    "1.a",
    "１２７.０.０.１",
    "%31%32%37.0.0.1",
    "[::]",
    "[::1]",
    "[1::]",
    "[1:2:3:4:5:6:7:8]",
    "[1:2:3:4:5:6:7::]",
    "[::2:3:4:5:6:7:8]",
    "[::1:2:3:4:5:6:7:8]",
    "[1:2:3:4:5:6:7]",
    "[1:2:3:4:5:6:7:8:9]",
    "[1:0:0:2:0:0:0:3]",
    "[1:0:0:2:3:0:0:4]",
    "[0:0:1:0:0:0:0:0]",
    "[1:0:2:0:3:0:4:0]",
    "[::1.2.3.4]",
    "[1:2:3:4:5:6:1.2.3.4]",
    "[1:2:3:4:5:6:7:1.2.3.4]",
    "[::1.2.3]",
    "[::1.2.3.4.5]",
    "[::1.2.3.256]",
    "[::01.2.3.4]",
    "[::1.2.3.4:5]",
    "[1.2.3.4::]",
    "[::00001]",
    "[::ABCD]",
    "[::g]",
    "[:1]",
    "[1:]",
    "[1:::2]",
    "[::1::2]",
    "[::1%25eth0]",
    "[::1]x",
    "[::1",
    "::1]",
    "[ ::1]",
    "[::%31]",
    "[::1]:80",
    "[::1]:x",
    # Other scripts.
    "münchen.de",
    "MÜNCHEN.DE",
    "mu\u0308nchen.de",
    "m%C3%BCnchen.de",
    "xn--mnchen-3ya.de",
    "XN--MNCHEN-3YA.de",
    "faß.de",
    "βόλος.com",
    "ΒΌΛΟΣ.com",
    "日本語。ＪＰ",
    "日本語．jp",
    "例え｡テスト",
    "ｅｘａｍｐｌｅ.com",
    "exa\xadmple.com",
    "exa\u200bmple.com",
    "\xad",
    "☃.net",
    "💩.la",
    "xn--ls8h.la",
    "xn--",
    "xn--a",
    "xn--zn7c.com",
    "xn--1ug.com",
    "xn--pokxncvks",
    "xn--abc",
    "ab--cd",
    "-ü-",
    "ü..",
    "ü.1",
    "①②③.com",
    "½.com",
    "ﬁ.com",
    "Å.com",
    "K.com",
    "ſ.com",
    "İ.com",
    "ǆ.com",
    "ᾳ.com",
    "Ꭰ.com",
    "ꭰ.com",
    "a\u0301.com",
    "\u0301a.com",
    "a\u200cb.com",
    "a\u200db.com",
    "क्\u200dष.com",
    "क्\u200cष.com",
    "نامه\u200cای.com",
    "מלון.com",
    "مثال.إختبار",
    "מa.com",
    "מ1.com",
    "م١1.com",
    "\ufffd.com",
    "\ud800.com",
    "a\u2028b",
    "a\u3000b",
    "\ufdd0.com",
    "\u0378.com",
    "≠.com",
    "a\u2260b",
    "\u2f3a.com",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿.com",
    "한국.kr",
    "ไทย.com",
    "Привет.РФ",
    "ü" * 80,
    "x" * 300,
    "xn--" + "a" * 70,
]

OPAQUE = frozenset(
    {"mailto:me@example.com", "data:text/plain,x y?q", "blob:https://example.com/id"}
)

SHOWN = """
  const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port',
    'pathname', 'search', 'hash'];
  const shown = (url) => [...PARTS.map((part) => url[part]), url.searchParams.toString(),
    JSON.stringify(url), String(url)];
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


def test_references_are_resolved_against_every_kind_of_base(pool: SandboxPool) -> None:
    rows = [
        [text, base]
        for text, base in product(REFERENCES, BASES)
        if base not in OPAQUE or not ("?" in text and "#" in text)
    ]
    code = SHOWN + "const judge = ([text, base]) => shown(new URL(text, base ?? undefined));"
    assert_agree(pool, code, rows)


def test_hosts_are_read_in_special_and_in_other_schemes(pool: SandboxPool) -> None:
    rows = [f"{scheme}://{host}/x" for host in HOSTS for scheme in ("https", "file", "foo")]
    assert_agree(pool, SHOWN + "const judge = (text) => shown(new URL(text));", rows)


SETTER_STARTS = [
    "https://u:p@example.com:8080/a/b?q=1#f",
    "https://example.com/",
    "http://example.com:443",
    "file:///C:/a",
    "file://host/a",
    "foo://host:80/a",
    "foo://u:p@host:80",
    "foo:///a",
    "foo:/a",
    "foo:/.//a",
    "mailto:a@b",
    "data:x y?q#f",
]
GIVEN = {
    "href": ["https://other.com/x?y=z", "mailto:x", "no url", ""],
    "protocol": ["http", "HTTPS:", "file", "foo", "ftp:x", "1x", "", "h\tttp", "bar:", ":", "a b:"],
    "username": ["", "x", "ä@:/", "%41"],
    "password": ["", "x", "ä@:/", "%41"],
    "host": [
        "", "x", "x:81", "x:", "x:99999", "x:8x", "x/y", "x?y", "x#y", "x\\y", "x@y", "[::1]:5",
        "a b", "1.2", "localhost", "x\ty", "C|", "ü:443", "x:443", "x:80",
    ],
    "hostname": ["", "x", "x:81", ":81", "x/y", "x\\y", "[::1]", "[::1]:5", "a b", "0x7f.1", "ü"],
    "port": ["", "81", "443", "80", "0", "99999", "8x", "8080/9", " 8", "\t8", "-1", "1e3"],
    "pathname": ["", "x", "/x", "//x", "\\x", "a/../b", "..", ".", "/./", "?#", "é `{}|", "C|/x", "%2e"],
    "search": ["\n?", "", "?", "??", "a=b", "?a='#", "é", "a b", "\ta\n"],
    "hash": ["\n#", "", "#", "##", "x y", "é`<>", "\tx"],
}  # fmt: skip


# Where Node 20 leaves the standard for schemes that are not special.
NOT_IN_NODE = frozenset(
    {("pathname", ".."), ("host", ""), ("hostname", "")}
    | {("host", text) for text in GIVEN["host"] if ":" in text}
)


def test_setters_change_what_they_may_and_nothing_else(pool: SandboxPool) -> None:
    rows = [
        [start, name, text]
        for start in SETTER_STARTS
        for name, texts in GIVEN.items()
        for text in texts
        if not (start.startswith("foo:") and (name, text) in NOT_IN_NODE)
    ]
    code = (
        SHOWN
        + """const judge = ([start, name, text]) => {
          const url = new URL(start);
          const { searchParams } = url;
          try { url[name] = text } catch (error) { return [error.name, ...shown(url)] }
          return [searchParams === url.searchParams, ...shown(url)];
        };"""
    )
    assert_agree(pool, code, rows)


@pytest.mark.parametrize(
    ("code", "href"),
    [
        ("new URL('/a^b', 'https://x')", "https://x/a%5Eb"),
        ("new URL('x:a b ?q')", "x:a b%20?q"),
        ("new URL('x:a b #f')", "x:a b%20#f"),
        ("new URL('x:a b ')", "x:a b"),
        ("new URL('?q#f', 'mailto:a')", "throws TypeError"),
        ("new URL('#f', 'mailto:a')", "mailto:a#f"),
        ("{href: new URLSearchParams('é%FF').toString()}", "%C3%A9%EF%BF%BD="),
        ("new URL('https://FAẞ.de')", "https://xn--fa-hia.de/"),
        ("new URL('https://xn--a-')", "throws TypeError"),
        ("new URL('https://aמ.com')", "throws TypeError"),
        ("new URL('https://1מ.com')", "throws TypeError"),
        ("Object.assign(new URL('https://x:81'), {port: 'x8'})", "https://x:81/"),
        ("Object.assign(new URL('foo://h/a'), {pathname: '..'})", "foo://h/"),
        ("Object.assign(new URL('foo://h/a'), {host: ':81'})", "foo://h/a"),
        ("Object.assign(new URL('foo:///a'), {host: 'x:81'})", "foo://x:81/a"),
        ("Object.assign(new URL('foo:/a'), {host: ''})", "foo:///a"),
    ],
)
def test_where_node_20_is_behind_the_standard_the_standard_holds(
    pool: SandboxPool, code: str, href: str
) -> None:
    assert in_sandbox(pool, f"return attempt(() => ({code}).href)") == href


def test_a_urls_parameters_and_its_query_follow_each_other(pool: SandboxPool) -> None:
    code = """
      const url = new URL('https://x/?a=1&b=2#f'), { searchParams } = url, seen = [];
      const see = () => seen.push(url.href, [...searchParams], searchParams.size);
      searchParams.append('c', 'd e'); see();
      searchParams.delete('a'); see();
      searchParams.set('b', '&=+'); see();
      searchParams.sort(); see();
      url.search = '?z=1&y=2'; see();
      url.href = 'https://y/?k=v'; see();
      searchParams.delete('k'); see();
      url.search = ''; see();
      searchParams.append('n', ''); see();
      return seen"""
    assert in_sandbox(pool, code) == in_node(code)


TEXTS = [
    "",
    "?",
    "??a",
    "a",
    "a=b",
    "a=b=c",
    "=b",
    "=",
    "&",
    "&&a&&b=&",
    "a+b=c+d",
    "%20+%2B",
    "a%3Db%26=c",
    "é=ü",
    "%C3%A9=%c3%bc",
    "%FF=%zz&%=%1",
    "%F0%9F%98%80",
    "%F0%9F=%80",
    "\ud800=1",
    "a[]=1&a[]=2",
    "a!'()~*-._=1",
    "#?",
    "a;b",
    "\ufeffa=1",
    "%EF%BB%BFa=1",
]


def test_queries_are_read_and_written(pool: SandboxPool) -> None:
    code = """const judge = (text) => {
      const params = new URLSearchParams(text);
      return [[...params], String(params), params.size];
    };"""
    assert_agree(pool, code, TEXTS)


PARAMETERS = """
const judge = (row) => {
  const ways = {
    none: () => new URLSearchParams(), undefined: () => new URLSearchParams(undefined),
    number: () => new URLSearchParams(7), symbol: () => new URLSearchParams(Symbol()),
    record: () => new URLSearchParams({a: 1, b: null, 'c d': '&', [Symbol.iterator]: undefined}),
    ill: () => new URLSearchParams({'\\ud800': 1, '\\ufffd': 2}),
    pairs: () => new URLSearchParams([['a', 1], ['a', {toString: () => 'x'}]]),
    map: () => new URLSearchParams(new Map([['a', 1]])),
    other: () => new URLSearchParams(new URLSearchParams('a=1&a=2')),
    generator: () => new URLSearchParams((function* () { yield ['a', 1]; yield new Set(['b', 2]) })()),
    short: () => new URLSearchParams([['a']]), long: () => new URLSearchParams([['a', 1, 2]]),
    texts: () => new URLSearchParams(['ab']), function: () => new URLSearchParams(() => 1),
    uncalled: () => URLSearchParams('a'), throws: () => new URLSearchParams({get a() { throw new RangeError() }}),
    symbolKey: () => new URLSearchParams({[Symbol()]: 1}), array: () => new URLSearchParams([]),
  };
  return [...ways[row]()];
};
"""


def test_parameters_are_made_from_all_that_the_standard_names(pool: SandboxPool) -> None:
    rows = PARAMETERS.split("const ways = {")[1].split("};", maxsplit=1)[0]
    names = [
        word.rstrip(":") for word in rows.split() if word.endswith(":") and word[:-1].isalpha()
    ]
    assert_agree(
        pool, PARAMETERS, [name for name in names if name not in {"get", "a", "b", "toString"}]
    )


METHODS = [
    "p.get('a')",
    "p.get('z')",
    "p.get('toString')",
    "p.getAll('a')",
    "p.getAll('z')",
    "p.has('a')",
    "p.has('a', '2')",
    "p.has('a', '9')",
    "p.has('a', undefined)",
    "p.has('a', null)",
    "p.delete('a')",
    "p.delete('a', '2')",
    "p.delete('a', undefined)",
    "p.set('a', 'x')",
    "p.set('new', 'x')",
    "p.append('a', undefined)",
    "p.append('\\ud800', '\\udc00')",
    "p.sort()",
    "p.size = 9",
    "p.get()",
    "p.append('a')",
    "p.set('a')",
    "p.delete()",
    "p.has()",
    "p.getAll()",
    "p.forEach()",
    "p.forEach(1)",
    "p.get(Symbol())",
    "(() => { const s = []; p.forEach(function (...x) { s.push(x.slice(0, 2), x[2] === p, this.t) }, {t: 1}); return s })()",
    "[...p.keys()]",
    "[...p.values()]",
    "[...p.entries()]",
    "(() => { const i = p.keys(); return [i.next(), i.next(), i[Symbol.toStringTag], String(i), i[Symbol.iterator]() === i] })()",
    "(() => { const s = []; for (const [k] of p) { s.push(k); if (s.length < 9) p.append('more', '1') } return s })()",
    "(() => { const s = []; for (const [k] of p) { s.push(k); p.delete(k) } return s })()",
    "p.keys().next.call({})",
    "p.toString.call({})",
    "URLSearchParams.prototype.size",
    "URLSearchParams.prototype.get.call({}, 'a')",
    "Object.prototype.toString.call(p)",
    "URLSearchParams.prototype[Symbol.iterator] === URLSearchParams.prototype.entries",
    "[URLSearchParams.length, URLSearchParams.name, p.append.length, p.append.name, p.has.length, p.delete.length, p.forEach.length]",
    "'prototype' in p.append",
    "p instanceof URLSearchParams",
    "(() => { const s = []; for (const k in p) s.push(k); return s.sort() })()",
    "JSON.stringify(p)",
]


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_parameters(pool: SandboxPool, method: str) -> None:
    code = f"""
      const p = new URLSearchParams('b=1&a=2&a=3&\\ud83d\\ude00=4&\\uffff=5&c');
      const got = attempt(() => {method});
      return [got === undefined ? 'nothing' : got, [...p], String(p)]"""
    assert in_sandbox(pool, code) == in_node(code)


ABOUT_CLASSES = [
    "[URL.length, URL.name, URL.canParse.length, URL.prototype.toString.length, URL.prototype.toJSON.name]",
    "new URL()",
    "URL('https://x')",
    "new URL(Symbol())",
    "new URL('x', Symbol())",
    "new URL({toString: () => 'https://x'}).href",
    "new URL('x', {toString: () => 'https://y'}).href",
    "new URL('https://x', undefined).href",
    "new URL('https://x', null).href",
    "new URL(new URL('https://x')).href",
    "URL.canParse('https://x')",
    "URL.canParse('x')",
    "URL.canParse('x', 'https://y')",
    "URL.canParse('x', 'y')",
    "URL.canParse()",
    "Object.prototype.toString.call(new URL('https://x'))",
    "URL.prototype.href",
    "Object.getOwnPropertyDescriptor(URL.prototype, 'href').get.call({})",
    "Object.getOwnPropertyDescriptor(URL.prototype, 'href').enumerable",
    "Object.getOwnPropertyDescriptor(URL.prototype, 'href').get.name",
    "Object.getOwnPropertyDescriptor(globalThis, 'URL').enumerable",
    "Object.keys(new URL('https://x'))",
    "new (class Mine extends URL { get x() { return this.host } })('https://y').x",
    "(() => { const u = new URL('https://x'); u.searchParams = 1; return u.href })()",
    "(() => { const u = new URL('https://x'); u.origin = 1; return u.href })()",
    "(() => { const u = new URL('https://x'); u.port = 81; u.hash = null; return u.href })()",
    "`${new URL('https://x')}`",
    "new URL('https://x') + ''",
    "(() => { const s = []; for (const k in new URL('https://x')) s.push(k); return s.sort() })()",
]


@pytest.mark.parametrize("code", ABOUT_CLASSES)
def test_url_looks_like_the_native_class(pool: SandboxPool, code: str) -> None:
    body = f"return attempt(() => {code})"
    assert in_sandbox(pool, body) == in_node(body)


# Without spaces and opaque bases, for which see above.
words = st.sampled_from(
    ["http:", "https:", "file:", "foo:", "/", "\\", "//", ":", "@", "?", "#", "[", "]", ".", "..",
     "%2e", "%", "C|", "C:", "a", "b", "é", "\t", "80", "0x", "1.", "::", "localhost"]
)  # fmt: skip
bases = st.sampled_from([base for base in BASES if base not in OPAQUE])


@PATIENT
@given(st.lists(st.tuples(st.lists(words, max_size=8), bases), min_size=300))
def test_any_mixture_of_delimiters(
    pool: SandboxPool, mixtures: list[tuple[list[str], str | None]]
) -> None:
    code = SHOWN + "const judge = ([text, base]) => shown(new URL(text, base ?? undefined));"
    rows = [("".join(parts), base) for parts, base in mixtures]
    # With schemes that are not special, Node 20 makes nothing of "/.." where the standard leaves "/".
    assert_agree(pool, code, [row for row in rows if not _climbs_without_special(*row)])


def _climbs_without_special(text: str, base: str | None) -> bool:
    own_scheme = any(scheme in text for scheme in ("foo:", "C:"))
    is_special = not own_scheme and (base or "").startswith(("http", "file:"))
    return not is_special and ".." in text.replace("%2e", ".")


@PATIENT
@given(st.lists(st.text(st.characters(exclude_characters="^"), max_size=20), min_size=100))
def test_any_text_as_part_of_a_url(pool: SandboxPool, texts: list[str]) -> None:
    code = (
        SHOWN
        + """const judge = (text) => {
          const url = new URL('https://u@x/');
          for (const part of ['pathname', 'search', 'hash', 'username', 'password']) url[part] = text;
          url.searchParams.append(text, text);
          return [...shown(url), /%.*[^\\0-\\x7f]|[^\\0-\\x7f].*%/s.test(text)
            ? [] : [...new URLSearchParams(text)]];
        };"""
    )
    assert_agree(pool, code, texts)

"""Which addresses are public, and what an operator may open."""

from __future__ import annotations

import pytest

from service_kit.addresses import Allowed, is_public, parse_address, parse_allowed

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.0.0.2 127.255.255.254
169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1
192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255
:: ::1 ::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::1 64:ff9b::127.0.0.1 64:ff9b::a00:1 64:ff9b:1::1 64:ff9b:1:abcd::8.8.8.8 100::1 100:0:0:1::1
2001::1 2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2001:db8:ffff::1
2002:7f00:1:: 2002:a00:1::1 2002:c0a8:101::1 3fff::1 3fff:fff::1 5f00::1 fc00::1 fd12:3456::1
fe80::1 fe80::1%eth0 febf::1 fec0::1 feff::1 ff02::1 ff0e::1 4000::1 8000::1
""".split()  # noqa: SIM905 - a table of words reads better
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255
169.255.0.0 172.15.255.255 172.32.0.1 192.0.1.1 192.0.3.1 192.88.98.1 192.167.255.255 192.169.0.0 198.17.255.255
198.20.0.0 198.51.101.1 203.0.114.1 223.255.255.255
2606:4700:4700::1111 2a00:1450:4001::1 2001:200::1 2001:4860:4860::8888 2003::1 3ffe::1 ::ffff:8.8.8.8
""".split()  # noqa: SIM905 - a table of words reads better


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_public_is_closed(text: str) -> None:
    assert not is_public(parse_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is_open(text: str) -> None:
    assert is_public(parse_address(text))


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "open_"),
    [
        ("10.1.0.0/16", "a.example", 443, "10.1.2.3", True),
        ("10.1.0.0/16", "a.example", 25, "10.1.2.3", True),
        ("10.1.0.0/16", "a.example", 443, "10.2.0.1", False),
        ("10.1.0.0/16", "a.example", 443, "::ffff:10.1.2.3", True),
        ("127.0.0.1", "localhost", 9000, "127.0.0.1", True),
        ("127.0.0.1", "localhost", 9000, "127.0.0.2", False),
        ("fd00::/8", "a.example", 443, "fd00::1", True),
        ("Grafana.internal:3000", "grafana.INTERNAL", 3000, "10.9.9.9", True),
        ("grafana.internal:3000", "grafana.internal", 3001, "10.9.9.9", False),
        ("grafana.internal:3000", "evil.example", 3000, "10.9.9.9", False),
        ("[::1]:8080", "::1", 8080, "::1", True),
    ],
)
def test_the_operator_opens_networks_and_targets(entry: str, host: str, port: int, address: str, open_: bool) -> None:
    assert parse_allowed([entry]).permits(host, port, parse_address(address)) is open_


@pytest.mark.parametrize("port", [1, 22, 25, 110, 445, 1023])
def test_ports_of_other_protocols_are_closed(port: int) -> None:
    assert not Allowed().permits("a.example", port, parse_address("8.8.8.8"))


@pytest.mark.parametrize(
    "entry", ["", "host", "host:", ":80", "host:0", "host:65536", "host:x", "10.0.0.1/8", "a/b:80"]
)
def test_a_malformed_entry_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="expected a network"):
        parse_allowed([entry])

"""Which addresses an outgoing request may reach. Pure: values in, verdict out; `egress` asks it before each connect.

Our own table, since `ipaddress.is_global` has changed its mind between Python versions. IPv6 is closed but for the
global unicast block, and there again what tunnels to IPv4 is closed, so that no spelling leads inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DENIED_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/4", "240.0.0.0/4",  # multicast, reserved and broadcast
    )
)  # fmt: skip
#: Outside of it lie ::, ::1, IPv4-compatible and -translated, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard (100::/64),
#: segment routing (5f00::/16), unique local (fc00::/7), link-local (fe80::/10), site-local (fec0::/10), multicast.
_GLOBAL_6 = IPv6Network("2000::/3")
_DENIED_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32", "3fff::/20",  # documentation
        "2002::/16",  # 6to4
    )
)  # fmt: skip
#: Besides the ports of the web, only those that no privileged service of another protocol listens on.
_LOW_PORTS = (80, 443)
_FIRST_HIGH_PORT = 1024


def is_public(address: Address) -> bool:
    """Whether anyone on the internet could reach it."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _DENIED_4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    return address in _GLOBAL_6 and not any(address in block for block in _DENIED_6)


@dataclass(frozen=True)
class Allowed:
    """What the operator opened besides the public internet: networks, and targets as (host, port)."""

    networks: tuple[Network, ...] = ()
    targets: frozenset[tuple[str, int]] = frozenset()

    def permits(self, host: str, port: int, address: Address) -> bool:
        """Whether a request to `host:port` may connect to `address`, which the host resolved to."""
        if (host.lower(), port) in self.targets:
            return True
        plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
        if any(plain in network for network in self.networks if network.version == plain.version):
            return True
        return (port in _LOW_PORTS or port >= _FIRST_HIGH_PORT) and is_public(address)


def parse_allowed(entries: Iterable[str], trusted: Iterable[tuple[str, int]] = ()) -> Allowed:
    """`["10.1.0.0/16", "grafana.internal:3000", "[::1]:8080"]` → Allowed. Raises ValueError naming the bad entry."""
    networks, targets = [], {(host.lower(), port) for host, port in trusted}
    for entry in entries:
        try:
            networks.append(ip_network(entry))
        except ValueError:
            targets.add(_target(entry))
    return Allowed(tuple(networks), frozenset(targets))


def parse_address(text: str) -> Address:
    """An address as a resolver gives it; a zone (`%eth0`) says nothing about where it leads."""
    return ip_address(text.partition("%")[0])


def _target(entry: str) -> tuple[str, int]:
    host, _, port = entry.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not bare or "/" in bare or not port.isdecimal() or not 0 < int(port) <= 65535:
        raise ValueError(f'expected a network such as "10.1.0.0/16" or a target such as "host:3000", found "{entry}"')
    return bare.lower(), int(port)

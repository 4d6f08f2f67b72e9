"""Follows the keys that sign a chain, from each record to the next."""

from dataclasses import dataclass, field

from anoncam.evidence.records import Kind, Record, is_signed
from anoncam.evidence.signing_key import is_acceptance


@dataclass
class Keys:
    """The keys of a chain; `since` holds the first record that each may sign, in their order.

    `unsigned` are the numbers of the records from before the first key.
    """

    since: dict[str, int] = field(default_factory=dict)
    revoked: dict[str, str] = field(default_factory=dict)
    """Why a key is revoked, by its fingerprint."""
    unsigned: set[int] = field(default_factory=set)

    @property
    def in_force(self) -> str:
        """The fingerprint of the newest key; empty if nothing is signed."""
        return next(reversed(self.since), "")

    def judge(self, fingerprint: str) -> str:
        """Why the key that somebody trusts does not vouch for the chain; empty if it does."""
        if fingerprint in self.revoked:
            reason = self.revoked[fingerprint]
            return f"the key {fingerprint} was revoked: {reason}; ask for the fingerprint after it"
        if fingerprint not in self.since:
            found = f"its key is {self.in_force}" if self.since else "nothing in it is signed"
            return f"the chain is not that of the key {fingerprint}: {found}"
        return ""


def follow(keys: Keys, record: Record) -> str:
    """Take the next record of a chain into `keys`; what is wrong with its signature, or nothing."""
    number, key = record["record"], record.get("key")
    if key is None and "signature" not in record:
        if keys.since:
            return f"record {number} is not signed, unlike those before it"
        keys.unsigned.add(number)
        return ""
    if not is_signed(record):
        return f"the signature of record {number} is wrong: it was forged or altered"
    if record["kind"] == Kind.KEY:
        return _introduce(keys, record)
    if not keys.since and not keys.unsigned:
        # The records before it were dropped.
        keys.since[str(key)] = number
    if key != keys.in_force:
        return f"record {number} is signed by another key: {key}"
    return ""


def _introduce(keys: Keys, record: Record) -> str:
    """Take over a new key, if the key before it has signed that, and the new one has accepted."""
    number, signer = record["record"], str(record["key"])
    fresh, before = str(record.get("new_key")), str(record.get("replaces"))
    revoked, accepted = str(record.get("revoked", "")), str(record.get("accepted"))
    if signer != before and (signer != fresh or keys.since):
        before = keys.in_force
        problem = f"record {number} brings a key that the key before it has not introduced"
    elif signer == before and keys.since and before != keys.in_force:
        problem = f"record {number} is signed by another key: {signer}"
    elif signer == before and not is_acceptance(
        before, fresh, record["previous"], revoked, accepted
    ):
        problem = f"record {number} brings a key that does not accept to follow the one before it"
    else:
        problem = ""
    if problem:
        # What follows is judged by the new key, so this is reported once. But the keys before it
        # no longer vouch for anything.
        keys.since.clear()
    elif signer == before:
        keys.since.setdefault(before, number)
        if revoked:
            keys.revoked[before] = revoked
    keys.since[fresh] = number + 1
    return problem

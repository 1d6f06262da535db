#!/usr/bin/env python3
"""Check an evidence PDF of Patrol ANPR with nothing but Python (3.9 or newer).

Use: python3 verify_evidence.py FILE.pdf

What it proves when all is well:
  - Not one byte of the PDF was changed since it was signed: pages, pictures, records, table.
  - It was signed with the private key that belongs to the certificate in it.
  - Each attached picture, file and record is the one whose SHA-256 the signed manifest names.
  - Each audit row says what its hash was made of, and rows that follow one another are chained.
  - From a depot: its receipt names these very records, and is signed with the key in it.
  - With FILE.tsr beside the PDF: a timestamp authority said at that time that this PDF was there. Whose word that is,
    openssl checks: openssl ts -verify -data FILE.pdf -in FILE.tsr -CAfile ROOTS.pem

What it cannot prove:
  - Whose key it was. The certificate is signed by itself: anybody can make one that names a car. Compare the
    fingerprint that is printed with the one in the audit trail that the depot holds of this car (`--fingerprint` does
    it for you).
  - When it was signed: the time is the car's own word. The depot's copy of the audit row shows when it had it.
  - That the audit rows are still those of the car: compare the newest row's number and hash with the depot's copy.
  - That the camera read the plate right. Look at the picture.

Exit code: 0 all is well, 1 something was changed or is missing, 2 the file cannot be read.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

SHA256 = bytes.fromhex("0609608648016503040201")  # the object identifiers as DER has them
DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SIGNING_CERTIFICATE = bytes.fromhex("060b2a864886f70d010910022f")
RSA = bytes.fromhex("06092a864886f70d010101")
SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b")
NULL = b"\x05\x00"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # of a SHA-256, before the hash (PKCS #1)
LEAST_BITS = 2048
NO_CAR_MAKES = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading something that was made up may raise."""
SAID = ("seq", "entry_id", "boot_id", "at", "monotonic", "actor", "action", "object_id", "reason", "prev_hash")


class Unsound(Exception):
    """Something is not what it must be; the text names it."""


# DER: the binary form of certificates and signatures


def element(der, at=0):
    """Return (tag, content, whole element, place after it) of the element at `at`."""
    try:
        tag, length, begin = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, begin = int.from_bytes(der[begin : begin + size], "big"), begin + size
    except IndexError:
        raise Unsound("the signature is cut off") from None
    end = begin + length
    if end > len(der):
        raise Unsound("the signature is cut off")
    return tag, der[begin:end], der[at:end], end


def elements(content):
    """Return the elements in the content of one, as (tag, content, whole)."""
    found, at = [], 0
    while at < len(content):
        tag, inner, whole, at = element(content, at)
        found.append((tag, inner, whole))
    return found


def der(tag, *parts):
    """Return an element that holds these parts, in the one form that DER allows."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


# RSA


def public_key(certificate):
    """Return (modulus, exponent) of a certificate's RSA key."""
    fields = elements(elements(element(certificate)[1])[0][1])
    fields = fields[1:] if fields[0][0] == 0xA0 else fields
    algorithm, bits = elements(fields[5][1])
    if elements(algorithm[1])[0][2] != RSA:
        raise Unsound("the certificate has no RSA key")
    modulus, exponent = (int.from_bytes(one[1], "big") for one in elements(element(bits[1][1:])[1]))
    if modulus.bit_length() < LEAST_BITS:
        raise Unsound("the key of the certificate is too short to be trusted")
    return modulus, exponent


def is_signed(content, signature, key):
    """Tell whether an RSA signature (PKCS #1 v1.5, SHA-256) is that of the content."""
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= modulus:
        return False
    wanted = DIGEST_INFO + hashlib.sha256(content).digest()
    wanted = b"\x00\x01" + b"\xff" * (size - len(wanted) - 3) + b"\x00" + wanted
    return pow(number, exponent, modulus).to_bytes(size, "big") == wanted


# The signature of the PDF


def signed_part(pdf):
    """Return (the bytes that are signed, the signature), where the signature covers all of the file but itself."""
    found = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    if len(found) != 1:
        raise Unsound("the PDF has no signature of the kind a car makes, or more than one")
    first, gap, rest, length = map(int, found[0])
    if first or not 0 < gap < rest or rest + length != len(pdf):
        raise Unsound("the signature does not cover the whole PDF: something was added after it was signed")
    place = pdf[gap:rest]
    digits = place[1:-1]
    if place[:1] != b"<" or place[-1:] != b">" or not re.fullmatch(rb"[0-9A-F]+|[0-9a-f]+", digits) or len(digits) % 2:
        raise Unsound("the place of the signature holds something else")
    filled = bytes.fromhex(digits.decode("ascii"))
    signature = element(filled)[2]
    if filled[len(signature) :].strip(b"\x00"):
        raise Unsound("the place of the signature holds something else beside it")
    return pdf[:gap] + pdf[rest:], signature


def checked_signature(pdf):
    """Check the signature of a PDF; return the certificate (DER) it was made with."""
    content, cms = signed_part(pdf)
    try:
        certificate, attributes, signature = parts_of(cms)
        key = public_key(certificate)
        to_be_signed, _, own = elements(element(certificate)[1])
        values = {one[1][0][2]: one[1][1][1] for one in (((), elements(part[1])) for part in elements(attributes))}
        digest = element(values[MESSAGE_DIGEST])[1]
        named = elements(element(elements(element(values[SIGNING_CERTIFICATE])[1])[0][1])[1])[0][1]
    except (IndexError, KeyError, ValueError):
        raise Unsound("the signature cannot be understood: it was changed, or no car made it") from None
    if not is_signed(to_be_signed[2], own[1][1:], key):
        raise Unsound("the certificate was changed: it is not signed by its own key")
    if named != hashlib.sha256(certificate).digest():
        raise Unsound("the certificate was exchanged: it is not the one that the signature names")
    if values.get(CONTENT_TYPE) != DATA or not is_signed(der(0x31, attributes), signature, key):
        raise Unsound("the signature was changed: it is not made with the key of the certificate")
    if digest != hashlib.sha256(content).digest():
        raise Unsound("the PDF was changed after it was signed")
    return certificate


def parts_of(cms):
    """Return (certificate, signed attributes, signature) of a CMS, which must be spelled as a car does, to the bit."""
    signed = element(elements(element(cms)[1])[1][1])[1]
    _, _, _, certificates, signers = elements(signed)
    certificate = element(certificates[1])[2]
    signer = elements(element(signers[1])[1])
    attributes, signature = signer[3][1], signer[5][1]
    fields = elements(elements(element(certificate)[1])[0][1])
    serial, issuer = fields[1][2], fields[3][2]
    sha256 = signer[2][2]
    algorithm = signer[4][2]
    expected = der(
        0x30,
        SIGNED_DATA,
        der(
            0xA0,
            der(
                0x30,
                b"\x02\x01\x01",
                der(0x31, sha256),
                der(0x30, DATA),
                der(0xA0, certificate),
                der(
                    0x31,
                    der(
                        0x30,
                        b"\x02\x01\x01",
                        der(0x30, issuer, serial),
                        sha256,
                        der(0xA0, attributes),
                        algorithm,
                        der(0x04, signature),
                    ),
                ),
            ),
        ),
    )
    allowed = (der(0x30, RSA, NULL), der(0x30, SHA256_WITH_RSA, NULL), der(0x30, SHA256_WITH_RSA))
    if expected != cms or sha256 not in (der(0x30, SHA256), der(0x30, SHA256, NULL)) or algorithm not in allowed:
        raise Unsound("the signature holds something that no car puts there")
    return certificate, attributes, signature


# What is attached


def attachments(pdf):
    """Return what is attached to the PDF, by name."""
    found = {}
    for number, name in re.findall(rb"/EF <</F (\d+) 0 R>>\s*/F \(([A-Za-z0-9_.]+)\)", pdf):
        head = re.search(rb"\n" + number + rb" 0 obj\n<<((?:(?!stream).){0,400}?)>>\nstream\n", pdf, re.DOTALL)
        length = re.search(rb"/Length (\d+)", head.group(1)) if head else None
        if length:
            found[name.decode("ascii")] = pdf[head.end() : head.end() + int(length.group(1))]
    return found


def spelled(value):
    """Return the canonical JSON of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sha256_of(content):
    """Return the SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def manifest_of(pdf, parts):
    """Return the manifest, after comparing it with the hash that stands under the signature."""
    named = re.findall(rb"with manifest ([0-9a-f]{64})\)", pdf)
    if "manifest.json" not in parts:
        raise Unsound("manifest.json is not attached, or its place in the PDF was changed")
    if len(named) != 1 or sha256_of(parts["manifest.json"]).encode() != named[0]:
        raise Unsound("manifest.json was changed: it is not the one that the signature names")
    manifest = json.loads(parts["manifest.json"])
    if manifest.get("format") != 1:
        raise Unsound("manifest.json is of a form this verifier does not know: take a newer one")
    return manifest


def changed_parts(manifest, parts, beside):
    """Yield a sentence for each attached file, and each file beside the PDF, that is not what the manifest says."""
    own = "verify_evidence.py"
    for name, digest in manifest["parts"].items():
        if name != own and name not in parts:
            yield f"{name} is not attached, or its place in the PDF was changed"
        elif name != own and sha256_of(parts[name]) != digest:
            yield f"{name} (attached) was changed"
        if (beside / name).is_file() and sha256_of((beside / name).read_bytes()) != digest:
            yield f"{name} (beside the PDF) was changed"


def changed_records(manifest, records):
    """Yield a sentence for each record that is missing, was added, or is not what the manifest says."""
    wanted = {(one["kind"], one["id"]): one["sha256"] for one in manifest["records"]}
    for one in records["records"]:
        digest = wanted.pop((one["kind"], one["id"]), None)
        if digest is None:
            yield f"the {one['kind']} {one['id']} is not in the manifest: it was added"
        elif digest != sha256_of(spelled(one["record"])):
            yield f"the {one['kind']} {one['id']} was changed"
    for kind, record_id in wanted:
        yield f"the {kind} {record_id} is missing"


def changed_rows(manifest, rows):
    """Yield a sentence for each audit row whose hash is not of what it says, or that does not follow the one before."""
    before = None
    for row in rows:
        said = json.dumps([row[name] for name in SAID], separators=(",", ":")).encode("ascii")
        if sha256_of(said) != row["hash"]:
            yield f"audit row {row['seq']} was changed"
        if before and row["seq"] == before["seq"] + 1 and row["prev_hash"] != before["hash"]:
            yield f"audit row {row['seq']} does not follow row {before['seq']}"
        before = row
    head = manifest["audit_head"]
    newest = [row for row in rows if row["seq"] == head["seq"]]
    if any(row["hash"] != head["hash"] for row in newest):
        yield f"audit row {head['seq']} is not the newest row that the manifest names"
    if not any(row["action"] == "evidence.export" and row["object_id"] == manifest["read"] for row in rows):
        yield "no audit row says that this export was asked for"


# What a depot adds: its receipt, and a timestamp


def merkle_root(items):
    """Return the root of the tree over a receipt's items, in hex (hashed as RFC 9162 does)."""
    named = ("item_id", "sha256", "status", "seq")
    leaves = [spelled({name: one[name] for name in named}) for one in items]
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = [level[at] + level[at + 1] for at in range(0, len(level) - 1, 2)]
        level = [hashlib.sha256(b"\1" + pair).digest() for pair in pairs] + odd
    return level[0].hex()


def changed_receipt(manifest, receipt):
    """Yield a sentence for what of the depot's receipt does not fit the records."""
    said = json.loads(receipt["receipt"])
    if said["root"] != merkle_root(receipt["items"]) or said["items"] != len(receipt["items"]):
        yield "the depot's receipt is not for the items that it lists"
    listed = {(one["item_id"], one["sha256"]) for one in receipt["items"]}
    if listed != {(one["id"], one["sha256"]) for one in manifest["records"]}:
        yield "the depot's receipt is for other records than these"
    if said["pack"] != sha256_of(spelled(receipt["asked"])) or said["depot_id"] != manifest["depot"]:
        yield "the depot's receipt is of another depot, or answers something else"
    if not is_ed25519(bytes.fromhex(receipt["key"]), receipt["receipt"].encode(), bytes.fromhex(receipt["signature"])):
        yield "the depot's receipt is not signed with the key that it names"


PRIME = 2**255 - 19  # Ed25519, as RFC 8032 has it in section 6; nothing here is secret
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT = pow(2, (PRIME - 1) // 4, PRIME)


def point_of(encoded):
    """Return the point (X, Y, Z, T) of 32 bytes. Raises ValueError."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(CURVE * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    x = x if (x * x - square) % PRIME == 0 else x * ROOT % PRIME
    if len(encoded) != 32 or y >= PRIME or (x * x - square) % PRIME or (x == 0 and sign):
        raise ValueError("no point")
    x = PRIME - x if x & 1 != sign else x
    return x, y, 1, x * y % PRIME


def added(one, other):
    """Return the sum of two points."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % PRIME, (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c, d = 2 * one[3] * other[3] * CURVE % PRIME, 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(number, point):
    """Return a point taken so many times."""
    result = (0, 1, 1, 0)
    while number:
        result = added(result, point) if number & 1 else result
        point, number = added(point, point), number >> 1
    return result


def is_ed25519(key, content, signature):
    """Tell whether an Ed25519 signature is that of the content."""
    try:
        public, chosen = point_of(key), point_of(signature[:32])
    except ValueError:
        return False
    base = point_of((4 * pow(5, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little"))
    answer = int.from_bytes(signature[32:], "little")
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + content).digest(), "little") % ORDER
    left, right = times(answer, base), added(chosen, times(challenge, public))
    same = all((left[at] * right[2] - right[at] * left[2]) % PRIME == 0 for at in (0, 1))
    return len(signature) == 64 and answer < ORDER and same


def timestamp_of(answer, pdf):
    """Return (the time, the SHA-256 of the authority's certificate) of a timestamp of this PDF. Raises Unsound."""
    try:
        token = elements(element(answer)[1])[1]
        signed = elements(element(elements(token[1])[1][1])[1])
        said = element(elements(signed[2][1])[1][1])[1]
        fields = elements(element(said)[1])
        certificates = [one[2] for one in elements(signed[3][1])]
        signer = elements(elements(signed[-1][1])[0][1])
        attributes, signature = signer[3][1], signer[5][1]
        values = {one[1][0][2]: one[1][1][1] for one in (((), elements(part[1])) for part in elements(attributes))}
        digest = element(values[MESSAGE_DIGEST])[1]
        algorithm, imprint = elements(fields[2][1])
    except NO_CAR_MAKES:
        raise Unsound("it cannot be understood") from None
    if elements(algorithm[1])[0][2] != SHA256 or imprint[1] != hashlib.sha256(pdf).digest():
        raise Unsound("it is of another file than this PDF")
    if digest != hashlib.sha256(said).digest():
        raise Unsound("its time was changed, or its signature is of a kind that only openssl checks")
    for certificate in certificates:
        try:
            if is_signed(der(0x31, attributes), signature, public_key(certificate)):
                return fields[4][1].decode("ascii"), sha256_of(certificate)
        except (Unsound, *NO_CAR_MAKES):
            continue
    raise Unsound("no certificate in it signed it, or its signature is of a kind that only openssl checks")


def faults_of(pdf, beside):
    """Return (the sentences about what is wrong, the certificate's fingerprint or "", the manifest or None)."""
    faults, fingerprint, manifest = [], "", None
    try:
        fingerprint = sha256_of(checked_signature(pdf))
    except Unsound as fault:
        faults.append(f"Signature: {fault}")
    except NO_CAR_MAKES:
        faults.append("Signature: it cannot be understood: it was changed, or no car made it")
    parts = attachments(pdf)
    try:
        manifest = manifest_of(pdf, parts)
        faults += changed_parts(manifest, parts, beside)
        if fingerprint and manifest["certificate"] != fingerprint:
            faults.append("the certificate is not the one that the manifest names")
        records = json.loads(parts.get("records.json", b"{}"))
        faults += changed_records(manifest, records)
        faults += changed_rows(manifest, records["audit"])
        if "depot" in manifest:
            faults += changed_receipt(manifest, json.loads(parts.get("receipt.json", b"{}")))
    except Unsound as fault:
        faults.append(str(fault))
    except NO_CAR_MAKES:
        faults.append("what is attached cannot be understood: it was changed, or no car made it")
    return faults, fingerprint, manifest


def main():
    """Check one file and say what was found."""
    about = __doc__.split("\n\n", 1)
    parser = argparse.ArgumentParser(
        description=about[0], epilog=about[1], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="the PDF of an export")
    parser.add_argument("--fingerprint", default="", help="the SHA-256 of the car's certificate, as the depot holds it")
    wanted = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal of Windows may lack a letter of a name
    try:
        pdf = wanted.file.read_bytes()
    except OSError as error:
        print(f"{wanted.file} cannot be read ({error.strerror}).", file=sys.stderr)
        return 2
    faults, fingerprint, manifest = faults_of(pdf, wanted.file.resolve().parent)
    expected = re.sub(r"[^0-9a-f]", "", wanted.fingerprint.lower())
    if wanted.fingerprint and expected != fingerprint:
        faults.append("the certificate is not the one whose fingerprint you gave: another key signed this")
    stamp, stamped = wanted.file.with_suffix(".tsr"), None
    if stamp.is_file():
        try:
            stamped = timestamp_of(stamp.read_bytes(), pdf)
        except Unsound as fault:
            faults.append(f"Timestamp: {fault}")
    for fault in faults:
        print(f"NOT SOUND: {fault}.")
    if faults:
        return 1
    head = manifest["audit_head"]
    print(f"Sound. Read {manifest['read']}, exported {manifest['made_at']} by {manifest['by']}, car {manifest['car']}.")
    print("Nothing was changed since it was signed. What is left is to compare with what the depot holds:")
    print(f"  certificate  {fingerprint}{'  (as you gave it)' if wanted.fingerprint else ''}")
    print(f"  audit row    {head['seq']}  {head['hash']}")
    if "depot" in manifest:
        print(f"  depot        {manifest['depot']}, whose receipt names these records")
    if stamped is not None:
        print(f"  timestamp    {stamped[0]}, by the authority of certificate {stamped[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

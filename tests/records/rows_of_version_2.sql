INSERT INTO shifts (boot_id, shift_id, officer_id, unit, crew, started_at) VALUES
  ('boot', 'shift-1', '4821', 'TA14', 'single', '2026-11-21T20:43:05.123456+00:00');
INSERT INTO reads (boot_id, read_id, shift_id, vrm, confidence, chars, camera_id, captured_at, captured_monotonic, first_seen,
  last_seen, frames, box, colour, candidates, format_flag, models, fix, fix_age, clock_source, clock_offset, lists) VALUES
  ('boot', 'read-1', 'shift-1', 'ZZ01ABC', 93, '[0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93]', 'front',
   '2026-11-21T21:43:06.123456+00:00', 1001.0, '2026-11-21T21:43:05.123456+00:00', '2026-11-21T21:43:06.323456+00:00', 11,
   '[10.5, 20.25, 130.0, 60.0]', 'yellow', '["ZZ01ABC", "2Z01ABC"]', 'current', 'detector 1, ocr 1',
   '{"latitude": 53.8, "longitude": -1.5, "at_monotonic": 999.5, "at_utc": "2026-11-21T21:43:05.123456Z", "speed": 13.4, "heading": 271.0, "satellites": 9, "hdop": 0.9}',
   0.5, 'gps', -0.25, '[["pnc", 12], ["local", 3]]');
INSERT INTO hits (boot_id, hit_id, read_id, shift_id, tier, kind, "match", raised_at, raised_monotonic, state) VALUES
  ('boot', 'hit-1', 'read-1', 'shift-1', 2, 'exact',
   '{"kind": "exact", "voi": {"vrm": "ZZ01ABC", "make": "Ford", "model": "Focus", "colour": "Silver", "action": "STOP", "markers": "", "reason": "Stolen", "nim_code": "", "information": "", "force_area": "", "weed_date": null, "pnc_id": "", "gsc": "", "cad": "", "spare_1": "", "spare_2": "", "tier": 2}, "hotlist": {"list_id": "pnc", "name": "Metro PNC", "owner": "Metro", "revision": 3, "tier": 2, "issued_at": "2026-11-21T19:43:05.123456Z", "valid_until": "2026-11-22T21:43:05.123456Z"}, "tier": 2, "differing": []}',
   '2026-11-21T21:43:05.123456+00:00', 1000.2, 'actioned');
INSERT INTO outcomes (boot_id, outcome_id, hit_id, officer_id, at, state, verification, disposition, undone) VALUES
  ('boot', 'outcome-1', 'hit-1', '4821', '2026-11-21T21:43:05.123456+00:00', 'actioned', 'correct',
   'stopped_no_further_action', 0);
INSERT INTO outbox (boot_id, item_id, kind, subject_id, payload, sha256, bytes, reason) VALUES
  ('boot', 'shift:shift-1:start', 'shift', 'shift-1',
   CAST('{"crew":"single","ended_at":null,"officer_id":"4821","shift_id":"shift-1","started_at":"2026-11-21T20:43:05.123456Z","unit":"TA14"}' AS BLOB),
   '966a25dab1b975bd41489b810b8ceb3cb13d9861e76ddf6b4cbd712e4085c538', 131, ''),
  ('boot', 'read:read-1', 'read', 'read-1',
   CAST('{"box":[10.5,20.25,130.0,60.0],"camera_id":"front","candidates":["ZZ01ABC","2Z01ABC"],"captured_at":"2026-11-21T21:43:06.123000Z","chars":[0.99,0.98,0.97,0.96,0.95,0.94,0.93],"clock_offset":-0.25,"clock_source":"gps","colour":"yellow","confidence":93,"feed_id":"","first_seen":"2026-11-21T21:43:05.123456Z","fix_age":0.5,"format_flag":"current","frames":11,"hdop":0.9,"heading":271.0,"last_seen":"2026-11-21T21:43:06.323456Z","latitude":53.8,"lists":[{"list_id":"pnc","revision":12},{"list_id":"local","revision":3}],"longitude":-1.5,"models":"detector 1, ocr 1","motion":"away","officer_id":"4821","overview_sha256":"0c13fe597d05b4fe037b317247edfee7973b3e8d7c80ae0fc1625cf1d62c55bd","patch_sha256":"855f6ab89209375cbbb9fc034b126e9cd12c16104038039c1be5eb8269af3e5f","read_id":"read-1","satellites":9,"shift_id":"shift-1","software":"","source_id":"","speed":13.4,"vrm":"ZZ01ABC"}' AS BLOB),
   '3f03ef12ffad8cff1b34ec4e8456e0db39f55ebf3f26b0d18e3fe799665c024d', 22381, ''),
  ('boot', 'hit:hit-1', 'hit', 'read-1',
   CAST('{"action":"STOP","differing":[],"hit_id":"hit-1","kind":"exact","list_id":"pnc","list_revision":3,"listed_vrm":"ZZ01ABC","raised_at":"2026-11-21T21:43:05.123456Z","read_id":"read-1","reason":"Stolen","shift_id":"shift-1","tier":2}' AS BLOB),
   '76b5e796175bdc0d77a87e0122c4dc2f4e95981656b57b3b90baf54a0da8ff89', 230, ''),
  ('boot', 'outcome:outcome-1', 'outcome', 'hit-1',
   CAST('{"at":"2026-11-21T21:43:05.123456Z","corrected_vrm":null,"disposition":"stopped_no_further_action","hit_id":"hit-1","officer_id":"4821","outcome_id":"outcome-1","state":"actioned","undone":false,"verification":"correct"}' AS BLOB),
   '3e238a05d1db0307716be3780c4b7709f8cc4fd44d5e7bb07cf41c214b971be1', 220, '');

/*
 * Demonstration data for pipeline tracker: three organizations, their projects, and the tasks in
 * them. `db reset` applies it to a database that is made anew; applying it again adds no row.
 */

insert into tracker.organizations
  (id, name, settings, storage_bytes, created_at, updated_at)
values
  (
    1, 'Nordlicht Studio GmbH',
    '{"plan": "team", "seats": 25, "discount": 0.125, "quota": 9007199254740993}',
    9007199254740993, '2019-03-04T08:15:00.250Z', '2024-06-01T12:00:00Z'
  ),
  (
    2, 'O''Brien & Söhne',
    '{"plan": "free", "seats": 3, "contact": {"name": "Máire \"Mo\" O''Brien", "fax": null}}',
    48234496, '2021-11-30T23:59:59.999Z', null
  ),
  (3, '株式会社さくら', '{}', 0, '2023-01-01T00:00:00Z', '2023-01-01T00:00:00Z')
on conflict do nothing;

insert into tracker.users
  (id, email, name, avatar, born_on, is_active, created_at)
values
  (
    'aaaaaaaa-0000-4000-8000-000000000001', 'ada@example.org', 'Ada Lindqvist',
    '\x89504e470d0a1a0a', '1958-12-10', true, '2020-01-10T00:30:00.000Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000002', 'bjorn@example.org', 'Björn Østergård', null, null,
    true, '2021-02-11T01:30:00.071Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000003', 'chloe@example.org', 'Chloé Dupont', null,
    '1991-02-28', true, '2022-03-12T02:30:00.142Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000004', 'dmitri@example.org', 'Dmitri Волков', '\x',
    '1969-12-31', true, '2023-04-13T03:30:00.213Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000005', 'emile@example.org', 'Émile "Mile" Zabel',
    '\xffd8ffe000104a464946', null, false, '2020-05-14T04:30:00.284Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000006', 'fatima@example.org', 'Fatima al-Zahra', null,
    '1988-07-14', true, '2021-06-15T05:30:00.355Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000007', 'grace@example.org', 'Grace O''Brien', null,
    '1970-01-01', true, '2022-07-16T06:30:00.426Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000008', 'hiroshi@example.org', 'Hiroshi 田中', null,
    '1996-02-29', true, '2023-08-17T07:30:00.497Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000009', 'ines@example.org', 'Ines Núñez', null, null, true,
    '2020-09-10T08:30:00.568Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000010', 'jan-erik@example.org', 'Jan-Erik Ångström', null,
    '1947-05-23', false, '2021-01-11T09:30:00.639Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000011', 'kofi@example.org', 'Kofi Mensah', null, '2001-10-05',
    true, '2022-02-12T00:30:00.710Z'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000012', 'sakura@example.org', 'さくら 鈴木', null, null, true,
    '2023-03-13T01:30:00.781Z'
  )
on conflict do nothing;

insert into tracker.org_members
  (org_id, user_id, role)
values
  (1, 'aaaaaaaa-0000-4000-8000-000000000001', 'owner'),
  (1, 'aaaaaaaa-0000-4000-8000-000000000002', 'admin'),
  (1, 'aaaaaaaa-0000-4000-8000-000000000003', 'member'),
  (1, 'aaaaaaaa-0000-4000-8000-000000000004', 'member'),
  (1, 'aaaaaaaa-0000-4000-8000-000000000005', 'guest'),
  (1, 'aaaaaaaa-0000-4000-8000-000000000006', 'member'),
  (2, 'aaaaaaaa-0000-4000-8000-000000000007', 'owner'),
  (2, 'aaaaaaaa-0000-4000-8000-000000000003', 'admin'),
  (2, 'aaaaaaaa-0000-4000-8000-000000000009', 'member'),
  (2, 'aaaaaaaa-0000-4000-8000-000000000010', 'member'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000012', 'owner'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000008', 'admin'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000011', 'member'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000001', 'member'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000006', 'guest')
on conflict do nothing;

insert into tracker.projects
  (id, org_id, name, budget, health, archived, starts_on, created_at)
values
  (
    'bbbbbbbb-0000-4000-8000-000000000001', 1, 'Website relaunch', '48000.00', 0.875, false,
    '2024-01-15', '2023-01-05T09:00:00.000Z'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000002', 1, 'Mobile app', '125000.50', 0.5, false, '2024-03-01',
    '2023-02-05T09:00:00.111Z'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000003', 1, 'Archive 1968–1975', null, null, true, '1968-04-01',
    '2023-03-05T09:00:00.222Z'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000004', 2, 'Bakery "Zur Mühle"', '999.99', 1, false, null,
    '2023-04-05T09:00:00.333Z'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000005', 2, 'Books & taxes', '0.00', 0.3333333333333333, false,
    '2023-12-31', '2023-05-05T09:00:00.444Z'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000006', 3, '新製品', '9999999999.99', 0.1, false, '2024-04-01',
    '2023-06-05T09:00:00.555Z'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000007', 3, 'Intranet', null, null, false, null,
    '2023-07-05T09:00:00.666Z'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000008', 3, 'Office move', '15250.10', -1.5, true, '2022-08-01',
    '2023-08-05T09:00:00.777Z'
  )
on conflict do nothing;

insert into tracker.tasks
  (
    id, project_id, title, description, status, priority, estimate,
    due_date, external_id, created_at, updated_at, completed_at
  )
values
  (
    1, 'bbbbbbbb-0000-4000-8000-000000000001', 'Draft the sitemap', null, 'done', -1, '1.5', null,
    'eeeeeeee-0000-4000-8000-000000000001', '2024-01-08T09:00:00.000Z', null,
    '2024-01-13T09:00:00.500Z'
  ),
  (
    2, 'bbbbbbbb-0000-4000-8000-000000000001', 'Choose a typeface',
    'See the board.
Second line, with a tab:	end.', 'done', 1, null, '2024-01-25', null,
    '2024-01-11T09:17:00.037Z', '2024-01-12T09:17:00.000Z', '2024-01-16T09:17:00.500Z'
  ),
  (
    3, 'bbbbbbbb-0000-4000-8000-000000000001', 'Write copy for "About us"',
    'She said: "as soon as possible".', 'in_progress', 3, '8', '2024-02-13', null,
    '2024-01-14T09:34:00.074Z', null, null
  ),
  (
    4, 'bbbbbbbb-0000-4000-8000-000000000001', 'Don''t break old links', null, 'open', 0, '0.25',
    null, null, '2024-01-17T09:51:00.111Z', '2024-01-18T09:51:00.000Z', null
  ),
  (
    5, 'bbbbbbbb-0000-4000-8000-000000000001', 'Cookie banner',
    '<b>Not</b> HTML & not JSON: {"$oid": 1}', 'cancelled', 2, '13.00', '2024-02-03',
    'eeeeeeee-0000-4000-8000-000000000005', '2024-01-20T10:08:00.148Z', null, null
  ),
  (
    6, 'bbbbbbbb-0000-4000-8000-000000000002', 'Push notifications', '', 'in_progress', -1, null,
    '2024-02-22', null, '2024-01-23T10:25:00.185Z', '2024-01-24T10:25:00.000Z', null
  ),
  (
    7, 'bbbbbbbb-0000-4000-8000-000000000002', 'Offline mode', null, 'blocked', 1, '40', null,
    null, '2024-01-26T10:42:00.222Z', null, null
  ),
  (
    8, 'bbbbbbbb-0000-4000-8000-000000000002', 'Crash on Android 9',
    'See the board.
Second line, with a tab:	end.', 'open', 3, '2.125', '2024-02-12', null,
    '2024-01-29T10:59:00.259Z', '2024-01-30T10:59:00.000Z', null
  ),
  (
    9, 'bbbbbbbb-0000-4000-8000-000000000002', 'App icon 🎨', 'She said: "as soon as possible".',
    'done', 0, null, '2024-03-02', 'eeeeeeee-0000-4000-8000-000000000009',
    '2024-02-01T11:16:00.296Z', null, '2024-02-06T11:16:00.500Z'
  ),
  (
    10, 'bbbbbbbb-0000-4000-8000-000000000003', 'Scan the photographs', null, 'done', 2,
    '100000000000000000000.5', null, null, '2024-02-04T11:33:00.333Z', '2024-02-05T11:33:00.000Z',
    '2024-02-09T11:33:00.500Z'
  ),
  (
    11, 'bbbbbbbb-0000-4000-8000-000000000003', 'Date the letters from 1968',
    '<b>Not</b> HTML & not JSON: {"$oid": 1}', 'open', -1, '1.5', '1968-08-21', null,
    '2024-02-07T11:50:00.370Z', null, null
  ),
  (
    12, 'bbbbbbbb-0000-4000-8000-000000000004', 'Photograph the bread', '', 'done', 1, null,
    '2024-03-11', null, '2024-02-10T12:07:00.407Z', '2024-02-11T12:07:00.000Z',
    '2024-02-15T12:07:00.500Z'
  ),
  (
    13, 'bbbbbbbb-0000-4000-8000-000000000004', 'Menu in Gaeilge', null, 'open', 3, '8', null,
    'eeeeeeee-0000-4000-8000-000000000013', '2024-02-13T12:24:00.444Z', null, null
  ),
  (
    14, 'bbbbbbbb-0000-4000-8000-000000000004', 'Opening hours: 6–12 & 14–18',
    'See the board.
Second line, with a tab:	end.', 'open', 0, '0.25', '2024-03-01', null,
    '2024-02-16T12:41:00.481Z', '2024-02-17T12:41:00.000Z', null
  ),
  (
    15, 'bbbbbbbb-0000-4000-8000-000000000005', 'File VAT for Q4',
    'She said: "as soon as possible".', 'done', 2, '13.00', '2024-03-20', null,
    '2024-02-19T12:58:00.518Z', null, '2024-02-24T12:58:00.500Z'
  ),
  (
    16, 'bbbbbbbb-0000-4000-8000-000000000005', 'Find receipt #0042', null, 'blocked', -1, null,
    null, null, '2024-02-22T13:15:00.555Z', '2024-02-23T13:15:00.000Z', null
  ),
  (
    17, 'bbbbbbbb-0000-4000-8000-000000000005', 'Back\up the ledger',
    '<b>Not</b> HTML & not JSON: {"$oid": 1}', 'open', 1, '40', '2024-03-10',
    'eeeeeeee-0000-4000-8000-000000000017', '2024-02-25T13:32:00.592Z', null, null
  ),
  (
    18, 'bbbbbbbb-0000-4000-8000-000000000006', '市場調査', '', 'in_progress', 3, '2.125',
    '2024-03-29', null, '2024-02-28T13:49:00.629Z', '2024-02-29T13:49:00.000Z', null
  ),
  (
    19, 'bbbbbbbb-0000-4000-8000-000000000006', '試作品を作る', null, 'open', 0, null, null, null,
    '2024-03-02T14:06:00.666Z', null, null
  ),
  (
    20, 'bbbbbbbb-0000-4000-8000-000000000006', 'Choose a supplier',
    'See the board.
Second line, with a tab:	end.', 'open', 2, '100000000000000000000.5',
    '2024-03-19', null, '2024-03-05T14:23:00.703Z', '2024-03-06T14:23:00.000Z', null
  ),
  (
    21, 'bbbbbbbb-0000-4000-8000-000000000007', 'Single sign-on',
    'She said: "as soon as possible".', 'blocked', -1, '1.5', '2024-04-07',
    'eeeeeeee-0000-4000-8000-000000000021', '2024-03-08T14:40:00.740Z', null, null
  ),
  (
    22, 'bbbbbbbb-0000-4000-8000-000000000007', 'Search', null, 'open', 1, null, null, null,
    '2024-03-11T14:57:00.777Z', '2024-03-12T14:57:00.000Z', null
  ),
  (
    23, 'bbbbbbbb-0000-4000-8000-000000000007', 'Migrate the wiki',
    '<b>Not</b> HTML & not JSON: {"$oid": 1}', 'in_progress', 3, '8', '2024-03-28', null,
    '2024-03-14T15:14:00.814Z', null, null
  ),
  (
    24, 'bbbbbbbb-0000-4000-8000-000000000008', 'Label the boxes', '', 'done', 0, '0.25',
    '2024-04-16', null, '2024-03-17T15:31:00.851Z', '2024-03-18T15:31:00.000Z',
    '2024-03-22T15:31:00.500Z'
  ),
  (
    25, 'bbbbbbbb-0000-4000-8000-000000000008', 'Return the keys', null, 'done', 2, '13.00', null,
    'eeeeeeee-0000-4000-8000-000000000025', '2024-03-20T15:48:00.888Z', null,
    '2024-03-25T15:48:00.500Z'
  )
on conflict do nothing;

insert into tracker.labels
  (id, org_id, name, color)
values
  (1, 1, 'bug', '#d73a4a'),
  (2, 1, 'design', '#a2eeef'),
  (3, 1, 'urgent', '#ff0000'),
  (4, 1, 'research', null),
  (5, 2, 'money', '#0e8a16'),
  (6, 2, 'fáilte', '#ff8800'),
  (7, 2, 'waiting', null),
  (8, 3, '重要', '#b60205'),
  (9, 3, 'it', '#1d76db'),
  (10, 3, 'nice "to have"', '#cccccc')
on conflict do nothing;

insert into tracker.task_labels
  (task_id, label_id)
values
  (1, 1),
  (1, 2),
  (2, 2),
  (3, 3),
  (4, 4),
  (4, 1),
  (6, 2),
  (6, 3),
  (7, 3),
  (8, 4),
  (8, 1),
  (9, 1),
  (9, 2),
  (11, 3),
  (11, 4),
  (12, 7),
  (13, 5),
  (14, 6),
  (14, 7),
  (15, 7),
  (15, 5),
  (16, 5),
  (16, 6),
  (17, 6),
  (18, 10),
  (19, 8),
  (19, 9),
  (21, 10),
  (21, 8),
  (22, 8),
  (22, 9),
  (23, 9),
  (24, 10),
  (24, 8)
on conflict do nothing;

insert into tracker.task_assignees
  (task_id, user_id)
values
  (1, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (1, 'aaaaaaaa-0000-4000-8000-000000000002'),
  (2, 'aaaaaaaa-0000-4000-8000-000000000002'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000003'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000004'),
  (3, 'aaaaaaaa-0000-4000-8000-000000000005'),
  (4, 'aaaaaaaa-0000-4000-8000-000000000004'),
  (5, 'aaaaaaaa-0000-4000-8000-000000000005'),
  (5, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (5, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (6, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (6, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (7, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (8, 'aaaaaaaa-0000-4000-8000-000000000002'),
  (8, 'aaaaaaaa-0000-4000-8000-000000000003'),
  (8, 'aaaaaaaa-0000-4000-8000-000000000004'),
  (9, 'aaaaaaaa-0000-4000-8000-000000000003'),
  (10, 'aaaaaaaa-0000-4000-8000-000000000004'),
  (10, 'aaaaaaaa-0000-4000-8000-000000000005'),
  (10, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (11, 'aaaaaaaa-0000-4000-8000-000000000005'),
  (11, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (12, 'aaaaaaaa-0000-4000-8000-000000000010'),
  (13, 'aaaaaaaa-0000-4000-8000-000000000007'),
  (13, 'aaaaaaaa-0000-4000-8000-000000000003'),
  (13, 'aaaaaaaa-0000-4000-8000-000000000009'),
  (14, 'aaaaaaaa-0000-4000-8000-000000000003'),
  (15, 'aaaaaaaa-0000-4000-8000-000000000009'),
  (15, 'aaaaaaaa-0000-4000-8000-000000000010'),
  (15, 'aaaaaaaa-0000-4000-8000-000000000007'),
  (16, 'aaaaaaaa-0000-4000-8000-000000000010'),
  (16, 'aaaaaaaa-0000-4000-8000-000000000007'),
  (17, 'aaaaaaaa-0000-4000-8000-000000000007'),
  (18, 'aaaaaaaa-0000-4000-8000-000000000011'),
  (18, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (18, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (19, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (20, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (20, 'aaaaaaaa-0000-4000-8000-000000000012'),
  (20, 'aaaaaaaa-0000-4000-8000-000000000008'),
  (21, 'aaaaaaaa-0000-4000-8000-000000000012'),
  (21, 'aaaaaaaa-0000-4000-8000-000000000008'),
  (22, 'aaaaaaaa-0000-4000-8000-000000000008'),
  (23, 'aaaaaaaa-0000-4000-8000-000000000011'),
  (23, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (23, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (24, 'aaaaaaaa-0000-4000-8000-000000000001'),
  (25, 'aaaaaaaa-0000-4000-8000-000000000006'),
  (25, 'aaaaaaaa-0000-4000-8000-000000000012'),
  (25, 'aaaaaaaa-0000-4000-8000-000000000008')
on conflict do nothing;

insert into tracker.comments
  (id, task_id, user_id, content, created_at)
values
  (1, 1, 'aaaaaaaa-0000-4000-8000-000000000001', 'Looks good to me 👍', '2024-01-08T11:00:00.091Z'),
  (
    2, 2, 'aaaaaaaa-0000-4000-8000-000000000002', 'Can''t reproduce it here.',
    '2024-01-11T11:00:00.182Z'
  ),
  (3, 2, 'aaaaaaaa-0000-4000-8000-000000000004', 'Who said "done"?', '2024-01-12T12:00:00.273Z'),
  (
    4, 2, 'aaaaaaaa-0000-4000-8000-000000000006', 'Blocked by the supplier – waiting.',
    '2024-01-13T13:00:00.364Z'
  ),
  (5, 4, 'aaaaaaaa-0000-4000-8000-000000000004', '了解です。', '2024-01-17T11:00:00.455Z'),
  (6, 4, 'aaaaaaaa-0000-4000-8000-000000000006', 'Line one
line two', '2024-01-18T12:00:00.546Z'),
  (
    7, 5, 'aaaaaaaa-0000-4000-8000-000000000005', 'C:\temp\new.txt is the file.',
    '2024-01-20T11:00:00.637Z'
  ),
  (8, 6, 'aaaaaaaa-0000-4000-8000-000000000006', 'Déjà vu…', '2024-01-23T11:00:00.728Z'),
  (
    9, 7, 'aaaaaaaa-0000-4000-8000-000000000001', 'Merci, c''est parfait.',
    '2024-01-26T11:00:00.819Z'
  ),
  (10, 7, 'aaaaaaaa-0000-4000-8000-000000000003', 'Started on this.', '2024-01-27T12:00:00.910Z'),
  (11, 7, 'aaaaaaaa-0000-4000-8000-000000000005', 'Looks good to me 👍', '2024-01-28T13:00:00.001Z'),
  (
    12, 9, 'aaaaaaaa-0000-4000-8000-000000000003', 'Can''t reproduce it here.',
    '2024-02-01T11:00:00.092Z'
  ),
  (13, 9, null, 'Who said "done"?', '2024-02-02T12:00:00.183Z'),
  (
    14, 10, 'aaaaaaaa-0000-4000-8000-000000000004', 'Blocked by the supplier – waiting.',
    '2024-02-04T11:00:00.274Z'
  ),
  (15, 11, 'aaaaaaaa-0000-4000-8000-000000000005', '了解です。', '2024-02-07T11:00:00.365Z'),
  (16, 12, 'aaaaaaaa-0000-4000-8000-000000000010', 'Line one
line two', '2024-02-10T11:00:00.456Z'),
  (
    17, 12, 'aaaaaaaa-0000-4000-8000-000000000003', 'C:\temp\new.txt is the file.',
    '2024-02-11T12:00:00.547Z'
  ),
  (18, 12, 'aaaaaaaa-0000-4000-8000-000000000010', 'Déjà vu…', '2024-02-12T13:00:00.638Z'),
  (
    19, 14, 'aaaaaaaa-0000-4000-8000-000000000003', 'Merci, c''est parfait.',
    '2024-02-16T11:00:00.729Z'
  ),
  (20, 14, 'aaaaaaaa-0000-4000-8000-000000000010', 'Started on this.', '2024-02-17T12:00:00.820Z'),
  (
    21, 15, 'aaaaaaaa-0000-4000-8000-000000000009', 'Looks good to me 👍',
    '2024-02-19T11:00:00.911Z'
  ),
  (
    22, 16, 'aaaaaaaa-0000-4000-8000-000000000010', 'Can''t reproduce it here.',
    '2024-02-22T11:00:00.002Z'
  ),
  (23, 17, 'aaaaaaaa-0000-4000-8000-000000000007', 'Who said "done"?', '2024-02-25T11:00:00.093Z'),
  (
    24, 17, 'aaaaaaaa-0000-4000-8000-000000000009', 'Blocked by the supplier – waiting.',
    '2024-02-26T12:00:00.184Z'
  ),
  (25, 17, 'aaaaaaaa-0000-4000-8000-000000000007', '了解です。', '2024-02-27T13:00:00.275Z'),
  (26, 19, null, 'Line one
line two', '2024-03-02T11:00:00.366Z'),
  (
    27, 19, 'aaaaaaaa-0000-4000-8000-000000000012', 'C:\temp\new.txt is the file.',
    '2024-03-03T12:00:00.457Z'
  ),
  (28, 20, 'aaaaaaaa-0000-4000-8000-000000000006', 'Déjà vu…', '2024-03-05T11:00:00.548Z'),
  (
    29, 21, 'aaaaaaaa-0000-4000-8000-000000000012', 'Merci, c''est parfait.',
    '2024-03-08T11:00:00.639Z'
  ),
  (30, 22, 'aaaaaaaa-0000-4000-8000-000000000008', 'Started on this.', '2024-03-11T11:00:00.730Z'),
  (
    31, 22, 'aaaaaaaa-0000-4000-8000-000000000001', 'Looks good to me 👍',
    '2024-03-12T12:00:00.821Z'
  ),
  (
    32, 22, 'aaaaaaaa-0000-4000-8000-000000000012', 'Can''t reproduce it here.',
    '2024-03-13T13:00:00.912Z'
  ),
  (33, 24, 'aaaaaaaa-0000-4000-8000-000000000001', 'Who said "done"?', '2024-03-17T11:00:00.003Z'),
  (
    34, 24, 'aaaaaaaa-0000-4000-8000-000000000012', 'Blocked by the supplier – waiting.',
    '2024-03-18T12:00:00.094Z'
  ),
  (35, 25, 'aaaaaaaa-0000-4000-8000-000000000006', '了解です。', '2024-03-20T11:00:00.185Z'),
  (
    36, 11, 'aaaaaaaa-0000-4000-8000-000000000001', 'Typed off the letter itself, as it is dated.',
    '1968-08-21T05:00:00.001Z'
  )
on conflict do nothing;

-- what is added later comes after what is here
select setval(
  pg_get_serial_sequence('tracker.' || keyed.name, 'id'),
  greatest(keyed.last, nextval(pg_get_serial_sequence('tracker.' || keyed.name, 'id')))
)
from (
  select 'organizations' as name, max(id) as last from tracker.organizations
  union all
  select 'tasks', max(id) from tracker.tasks
  union all
  select 'labels', max(id) from tracker.labels
  union all
  select 'comments', max(id) from tracker.comments
) as keyed;

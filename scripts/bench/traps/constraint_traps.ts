import type { Trap } from "./trap.ts";

/** What tables and their references must hold. */
export const CONSTRAINT_TRAPS: readonly Trap[] = [
  {
    name: "not null",
    make: `
      create table users (id integer primary key, email text not null);
      insert into users values (1, 'a');`,
    check: `
      select refuses($$ insert into users (id, email) values (2, 'b') $$) as "a valid row is refused",
        not refuses($$ insert into users (id, email) values (3, null) $$) as "NULL is taken"`,
  },
  {
    name: "check",
    make: `
      create table users (
        id integer primary key, age integer check (age >= 18),
        state text check (state in ('new', 'old'))
      );
      insert into users values (1, 20, 'new');`,
    check: `
      select refuses($$ insert into users (id, age, state) values (2, 18, 'old') $$)
          as "a valid row is refused",
        not refuses($$ insert into users (id, age, state) values (3, 17, 'new') $$)
          or not refuses($$ insert into users (id, age, state) values (4, 18, 'odd') $$)
          as "an invalid row is taken"`,
  },
  {
    name: "unique, whatever the case (collate nocase)",
    make: `
      create table users (id integer primary key, email text collate nocase unique);
      insert into users values (1, 'Ada@example.com');`,
    check: `
      select refuses($$ insert into users (id, email) values (2, 'bob@example.com') $$)
          as "a valid row is refused",
        not refuses($$ insert into users (id, email) values (3, 'ADA@EXAMPLE.COM') $$)
          as "the same in capitals is taken"`,
  },
  {
    name: "a partial unique index",
    make: `
      create table plans (id integer primary key, owner integer, state text);
      create unique index one_active on plans (owner) where state = 'active';
      insert into plans values (1, 1, 'active'), (2, 1, 'ended');`,
    check: `
      select count(*) <> 2 as "rows are missing",
        refuses($$ insert into plans (id, owner, state) values (3, 1, 'ended') $$)
          as "a valid row is refused",
        not refuses($$ insert into plans (id, owner, state) values (4, 1, 'active') $$)
          as "a second active one is taken"
      from plans`,
  },
  {
    name: "a composite foreign key",
    make: `
      create table rooms (house integer, room integer, primary key (house, room));
      create table beds (
        id integer primary key, house integer, room integer,
        foreign key (house, room) references rooms (house, room) on delete cascade
      );
      insert into rooms values (1, 1), (1, 2), (2, 1);
      insert into beds values (1, 1, 2), (2, 2, 1);`,
    check: `
      select count(*) <> 2 as "rows are missing",
        refuses('delete from rooms where house = 2') as "it does not cascade",
        not refuses('insert into beds (id, house, room) values (3, 2, 2)') as "an orphan is taken"
      from beds`,
  },
  {
    name: "foreign keys that name no columns",
    make: `
      create table teams (id integer primary key, name text);
      create table members (id integer primary key, team integer references teams);
      insert into teams values (1, 'a');
      insert into members values (1, 1);`,
    check: `
      select count(*) <> 1 as "the row is missing",
        not refuses('insert into members (id, team) values (2, 99)') as "an orphan is taken"
      from members`,
  },
  {
    name: "a foreign key to a key of another type",
    make: `
      create table teams (id integer primary key, name text);
      create table members (id integer primary key, team text references teams (id));
      insert into teams values (1, 'a');
      insert into members values (1, '1');`,
    check: `
      select count(*) <> 1 as "the row is missing",
        not refuses('insert into members (id, team) values (2, 99)') as "an orphan is taken"
      from members`,
  },
  {
    name: "a row that refers to nothing",
    make: `
      create table teams (id integer primary key, name text);
      create table members (id integer primary key, team integer references teams (id));
      insert into teams values (1, 'a');
      insert into members values (1, 1), (2, 99), (3, null);`,
    check: `
      select count(*) filter (where id <> 2) <> 2 as "valid rows are lost",
        not refuses('insert into members (id, team) values (4, 99)') as "the foreign key is missing",
        true as "nobody is told, exit code 0"
      from members`,
  },
  {
    name: "rows that refer to later rows of their table",
    make: `
      create table folders (id integer primary key, parent integer references folders (id));
      insert into folders values (1, 3), (2, 2), (3, null);`,
    check: `
      select count(*) <> 3 as "rows are missing",
        not refuses('insert into folders (id, parent) values (4, 99)') as "an orphan is taken"
      from folders`,
  },
  {
    name: "two tables that refer to each other",
    make: `
      create table teams (id integer primary key, lead integer references people (id));
      create table people (id integer primary key, team integer references teams (id));
      insert into teams values (1, 2);
      insert into people values (1, 1), (2, 1);`,
    check: `
      select count(*) <> 2 or (select count(*) from teams) <> 1 as "rows are missing",
        not refuses('insert into people (id, team) values (3, 99)')
          or not refuses('insert into teams (id, lead) values (2, 99)') as "an orphan is taken"
      from people`,
  },
];

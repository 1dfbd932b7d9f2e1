/*
 * Chapter 10: states. Where a run can stand, and the ways between, are data.
 *
 * Reads  nothing
 * Writes landfall.run_states, landfall.run_transitions
 * Holds  a way that is not listed is not taken
 */

create table landfall.run_states (
  name     text    not null primary key,
  active   boolean not null,
  meaning  text    not null
);

comment on table landfall.run_states is
$$The states of a run. A pipeline has at most one run in an active state.$$;

insert into landfall.run_states (name, active, meaning)
values
  ('planned',     true,  'Nothing is written yet.'),
  ('running',     true,  'Workers claim batches; a call continues it.'),
  ('paused',      true,  'Stopped by a person; resumed by a call.'),
  ('completed',   false, 'Every source row is migrated, rejected or deferred.'),
  ('failed',      true,  'Stopped by its error budget; resumed by a call.'),
  ('cancelled',   false, 'Given up by a person. What it wrote stays until it is rolled back.'),
  ('rolling_back', true, 'What it wrote is being undone; a call continues it.'),
  ('rolled_back', false, 'What it wrote is undone.');


create table landfall.run_transitions (
  from_state  text not null references landfall.run_states (name),
  to_state    text not null references landfall.run_states (name),
  occasion    text not null,

  primary key (from_state, to_state)
);

create index on landfall.run_transitions (to_state);

comment on table landfall.run_transitions is
$$The ways a run may go. What is not listed is refused with LF206.$$;

insert into landfall.run_transitions (from_state, to_state, occasion)
values
  ('planned',   'running',   'The first worker arrives.'),
  ('planned',   'paused',    'A person stops it before the first batch.'),
  ('planned',   'cancelled', 'A person gives up before the first batch.'),
  ('running',   'completed', 'The last entity is done.'),
  ('running',   'failed',    'More rows were rejected than the error budget allows.'),
  ('running',   'paused',    'A person stops it.'),
  ('running',   'cancelled', 'A person gives it up.'),
  ('paused',    'running',   'A person resumes it.'),
  ('paused',    'cancelled', 'A person gives it up.'),
  ('failed',    'running',   'A person resumes it.'),
  ('failed',    'cancelled', 'A person gives it up.'),

  ('paused',       'rolling_back', 'A person takes it back.'),
  ('failed',       'rolling_back', 'A person takes it back.'),
  ('cancelled',    'rolling_back', 'A person takes it back.'),
  ('completed',    'rolling_back', 'A person takes it back.'),
  ('rolled_back',  'rolling_back', 'A person takes back what had to be left before.'),
  ('rolling_back', 'rolled_back',  'All its tables are undone.'),
  ('rolling_back', 'completed',    'Some tables of a completed run are undone.'),
  ('rolling_back', 'cancelled',    'Some tables of another run are undone.');

select landfall.close_doors();

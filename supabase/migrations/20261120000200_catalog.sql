/*
 * Chapter 2: the catalog. A pipeline is a set of entities; an entity is a target table and
 * the view that says what a legacy row becomes; a rule is a condition that a row must meet.
 *
 * Reads  nothing
 * Writes landfall.pipelines, entities, collections, parts, rules
 * Holds  names are lower case words, because they become flags, view names and JSON keys
 */

create table landfall.pipelines (
  name            text        not null primary key,
  description     text        not null,
  source          text,
  source_pattern  text,
  users           text,
  profiles        text,
  scopes          text,
  scope_columns   jsonb       not null default '{}',
  created_at      timestamptz not null default now(),

  constraint pipelines_name_is_a_word check (name ~ '^[a-z][a-z0-9_]{0,39}$'),

  -- a pattern finds the table that the source view is bound to
  constraint pipelines_pattern_needs_a_source
    check (source_pattern is null or source is not null),

  -- a profile is somebody's
  constraint pipelines_profiles_need_users check (profiles is null or users is not null),

  -- a column that names the tenant is a table's
  constraint pipelines_scope_columns_are_named check (jsonb_typeof(scope_columns) = 'object')
);

comment on table landfall.pipelines is
$$Named sets of entities.$$;
comment on column landfall.pipelines.source is
$$The view that the transforms read through, when a run binds it to a table; else null.$$;
comment on column landfall.pipelines.source_pattern is
$$A regular expression for the names of the tables in public that the source may be bound to.$$;
comment on column landfall.pipelines.users is
$$The view that lists the legacy users whose rows wait for them, or null.$$;
comment on column landfall.pipelines.profiles is
$$The table with a row for each account, keyed by its id, that a user must have before rows follow;
null when an account is enough.$$;
comment on column landfall.pipelines.scopes is
$$The view that lists the tenants of the source, of which a run may take some; or null.$$;
comment on column landfall.pipelines.scope_columns is
$${table of the source: column}: where a row names its tenant, so that an import may read some.$$;


create table landfall.entities (
  id              int         not null generated always as identity primary key,
  pipeline        text        not null references landfall.pipelines (name) on delete cascade,
  name            text        not null,
  target          text        not null,
  transform       text        not null,
  secret_fields   text[]      not null default '{}',
  sums            text[]      not null default '{}',
  self_contained  boolean     not null default false,
  created_at      timestamptz not null default now(),

  unique (pipeline, name),

  constraint entities_name_is_a_word check (name ~ '^[a-z][a-z0-9_]{0,39}$'),

  -- undo must be able to say whose row it is: one target has one entity in a pipeline
  unique (pipeline, target)
);

comment on table landfall.entities is
$$Target tables, each with the view that says what a legacy row becomes.$$;
comment on column landfall.entities.target is
$$The target table, schema-qualified and quoted; of documents, the name of their collection.$$;
comment on column landfall.entities.transform is
$$The view, schema-qualified and quoted.$$;
comment on column landfall.entities.secret_fields is
$$Fields of source_row that are never kept with a reject.$$;
comment on column landfall.entities.sums is
$$Columns whose sums a verification compares.$$;
comment on column landfall.entities.self_contained is
$$A row of the view follows from its source_key and source_row alone: when neither these nor the
view have changed, a later run need not compute it.$$;


create table landfall.collections (
  entity_id  int    not null primary key references landfall.entities (id) on delete cascade,
  refers_to  jsonb  not null,
  indexes    text[] not null,
  counts     jsonb  not null,

  constraint collections_refer_by_path check (jsonb_typeof(refers_to) = 'object'),
  constraint collections_count_by_path check (jsonb_typeof(counts) = 'object')
);

comment on table landfall.collections is
$$Entities whose rows become documents, in a collection instead of a table.$$;
comment on column landfall.collections.refers_to is
$${path: entity}: whose documents the ObjectIds at a path of the document name.$$;
comment on column landfall.collections.indexes is
$$The collection's indexes: paths between commas, a minus before one that descends.$$;
comment on column landfall.collections.counts is
$${path: query}: how many embedded documents there must be at a path, in all documents together.$$;


create table landfall.parts (
  id        int  not null generated always as identity primary key,
  pipeline  text not null references landfall.pipelines (name) on delete cascade,
  parts     text not null,
  staging   text not null unique
);

create index on landfall.parts (pipeline);

comment on table landfall.parts is
$$Staging tables that the engine fills: the elements inside the rows of a source, one a row.$$;
comment on column landfall.parts.id is
$$Counted up as they are defined, which is the order they are staged in.$$;
comment on column landfall.parts.parts is
$$The view that takes the rows apart, schema-qualified and quoted.$$;
comment on column landfall.parts.staging is
$$The table that holds what the view gives, schema-qualified and quoted.$$;


create table landfall.rules (
  entity_id  int  not null references landfall.entities (id) on delete cascade,
  name       text not null,
  action     text not null,
  condition  text,
  query      text,
  reason     text not null,

  primary key (entity_id, name),

  constraint rules_name_is_a_word check (name ~ '^[a-z][a-z0-9_]{0,39}$'),

  constraint rules_action_is_known check (action in ('reject', 'defer', 'finding')),

  -- a rule looks at one row, or at the whole set
  constraint rules_look_one_way check ((condition is null) <> (query is null)),

  -- whether a row waits must be known from the row
  constraint rules_defer_by_condition check (action <> 'defer' or condition is not null)
);

comment on table landfall.rules is
$$Conditions that a row must meet, beside those the target's own constraints state.$$;
comment on column landfall.rules.action is
$$What befalls a row that does not meet it: reject, defer, or finding (counted, nothing more).$$;
comment on column landfall.rules.condition is
$$A boolean expression over the transform's columns. As with a check constraint, null passes.$$;
comment on column landfall.rules.query is
$$A query whose column source_key names the rows that do not meet the rule.

For a finding the keys need not be rows of the transform: they may be what is missing. It is asked
when the run has written the entity's rows.$$;


create function landfall.find_relation(name text)
  returns regclass
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return to_regclass(find_relation.name);
exception when invalid_name or syntax_error or feature_not_supported then
  -- what cannot be read as a name names nothing
  return null;
end
$$;

comment on function landfall.find_relation is
$$Finds a relation by its schema-qualified name; null when there is none.$$;


create function landfall.define_pipeline(
  name text,
  description text,
  source text default null,
  source_pattern text default null
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_problem text;
begin
  v_problem := case
    when define_pipeline.name is null or define_pipeline.name !~ '^[a-z][a-z0-9_]{0,39}$'
      then 'its name is not a lower case word'
    when coalesce(define_pipeline.description, '') = ''
      then 'it has no description'
    when define_pipeline.source is not null
      and landfall.find_relation(define_pipeline.source) is null
      then format('there is no view %s', define_pipeline.source)
    when define_pipeline.source is null and define_pipeline.source_pattern is not null
      then 'a pattern needs a source, the view that is bound to what it finds'
  end;

  if v_problem is null then
    begin
      perform '' ~ define_pipeline.source_pattern;
    exception when invalid_regular_expression then
      v_problem := sqlerrm;
    end;
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF102',
      message = format('Cannot define pipeline %s: %s', coalesce(name, '(null)'), v_problem),
      detail  = 'A name has lower case letters, digits and underscores, at most 40; '
                'a pattern is a regular expression for names of tables.',
      hint    = 'Mend the definition and define the pipeline again.';
  end if;

  insert into landfall.pipelines (name, description, source, source_pattern)
  values (
    define_pipeline.name,
    define_pipeline.description,
    landfall.find_relation(define_pipeline.source)::text,
    define_pipeline.source_pattern
  )
  on conflict on constraint pipelines_pkey do update
  set
    description = excluded.description,
    source = excluded.source,
    source_pattern = excluded.source_pattern;
end
$$;

comment on function landfall.define_pipeline is
$$Defines a pipeline, or changes the one of that name.

A pipeline whose source table has another name in every project gives the view its
transforms read through and a pattern for the tables that view may be bound to.$$;

select landfall.close_doors();

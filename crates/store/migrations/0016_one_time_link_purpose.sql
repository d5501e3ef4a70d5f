-- What a one-time link opens; until now there was one kind.
alter table one_time_link add column purpose text not null default 'first-run';

-- Refusals are few among the events of the trace; the report on them finds them by themselves.

create index trace_event_refused on trace_event (at) where event = 'refuse';

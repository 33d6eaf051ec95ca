-- Whether somebody signed in from an address lately is asked when the account rests.
create index audit_by_actor on audit (actor_id, at desc);

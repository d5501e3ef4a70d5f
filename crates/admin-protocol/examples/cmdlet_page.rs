//! Prints the reference page of all cmdlets, for `docs/cmdlets.md`.

fn main() {
    print!("{}", admin_protocol::reference::page());
}

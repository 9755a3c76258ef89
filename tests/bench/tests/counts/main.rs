//! What is asked of the store, exactly: for whole executions and for each kind of turn.
#![cfg(test)]

mod executions;
mod house;
mod turns;

//! Events of real decisions: what they say, in which order, and who can read them.

mod arrival;
mod corpus;
mod golden;
mod hostile;
mod naming;
mod order;
mod pattern;
mod readers;
mod scenarios;
mod script;
mod webhook;

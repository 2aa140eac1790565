//! multichat

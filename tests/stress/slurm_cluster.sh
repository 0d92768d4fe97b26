# slurm_cluster.sh: a Slurm cluster of one node, on loopback, of plain processes: up, down, and that nothing stays.
# All its state is in the folder $cluster.

# Why there can be none here; nothing where there can.
cluster_lacks() {
    local tool
    [ "$(id -u)" = 0 ] || { echo 'needs root: slurmd starts jobs for others'; return; }
    for tool in munged slurmctld slurmd sbatch scontrol squeue scancel sinfo; do
        command -v $tool >/dev/null || { echo "$tool is missing (Debian: slurm-wlm munge)"; return; }
    done
    [ -r /proc/self/environ ] || echo 'no /proc'
}

# Pids of what was started for this cluster: it has the mark in its environment, or a file of the cluster open (slurmstepd
# writes its title over the former).
cluster_pids() {
    {
        grep -slzx "TRAWL_CLUSTER=$cluster_mark" /proc/[0-9]*/environ
        find /proc/[0-9]*/fd -maxdepth 1 -lname "$cluster/*" 2>/dev/null
    } | cut -d/ -f3 | sort -u
}

free_port() {
    local port
    while :; do
        port=$((20000 + ((RANDOM << 15 | RANDOM) % 12000)))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo $port; return; }
    done
}

# cred_expire is how long a requeued task waits before it starts again: two minutes where nobody says otherwise.
cluster_configure() {
    local node=$1
    cat >"$cluster/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=100000,bf_interval=1,batch_sched_delay=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=5
MaxArraySize=1001
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmdParameters=config_overrides
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 RealMemory=500 State=UNKNOWN
PartitionName=scan Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
}

cluster_is_idle() { [ "$(sinfo -h -o %T 2>/dev/null)" = idle ]; }

# True if it came up; else what it says is in $cluster/*.log and sinfo.
cluster_up() {
    cluster=$(mktemp -d)
    cluster_mark=$$-$RANDOM-$RANDOM
    # Before anything is started: however this shell ends, nothing stays.
    trap cluster_down EXIT
    trap 'exit 1' INT TERM HUP
    chmod 755 "$cluster"
    mkdir "$cluster/state" "$cluster/spool"
    cluster_configure "$(uname -n | cut -d. -f1)"
    export SLURM_CONF=$cluster/slurm.conf
    (umask 077 && head -c 1024 /dev/urandom >"$cluster/munge.key")
    export TRAWL_CLUSTER=$cluster_mark
    munged --foreground --force --key-file="$cluster/munge.key" --socket="$cluster/munge.socket" \
        --pid-file="$cluster/munged.pid" --log-file="$cluster/munged.log" --seed-file="$cluster/munged.seed" \
        >"$cluster/munged.out" 2>&1 &
    soon 50 test -S "$cluster/munge.socket" || return 1
    slurmctld -D -c -f "$SLURM_CONF" >"$cluster/slurmctld.out" 2>&1 &
    slurmd -D -f "$SLURM_CONF" >"$cluster/slurmd.out" 2>&1 &
    unset TRAWL_CLUSTER
    soon 100 cluster_is_idle
}

cluster_is_gone() { [ -z "$(cluster_pids)" ]; }

# Ends jobs, then daemons, then whatever is left. Removes the folder. Leaves what had to be killed in cluster_left.
cluster_down() {
    trap - EXIT
    # It waits for a controller that is gone already.
    timeout 5 scancel --user=root >/dev/null 2>&1
    # shellcheck disable=SC2046
    for signal in TERM KILL; do
        kill -$signal $(cluster_pids) 2>/dev/null
        soon 40 cluster_is_gone && break
    done
    cluster_left=$(cluster_pids | tr '\n' ' ')
    rm -rf "$cluster"
}
